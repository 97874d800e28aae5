import type { Pod } from 'kubernetes-types/core/v1.js';
import type { SessionLog } from '../session/session-log.ts';
import type { UndoRecord } from '../session/record.ts';
import { routes } from '../routes/index.ts';
import type { Stop } from './stop.ts';

/** Step `restore` without a record on the Pod, or without the Pod: what else its session changed is undone. */
export async function putRight(
  stop: Stop,
  log: SessionLog,
  { record, timeoutMs }: { readonly record: UndoRecord; readonly timeoutMs: number },
): Promise<void> {
  const { kube, namespace, name, signal } = stop;
  await log.step('restore', signal, async () => {
    const { podUid } = log.session.spec;
    await routes[record.route].abandon?.(stop, record, podUid, {
      timeoutMs,
      onProgress: (message) => log.progress('restore', message),
      onWarning: (message) => log.emit({ type: 'warning', message }),
    });
    const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
    const isThere = pod?.metadata?.uid === podUid;
    log.emit({ type: isThere ? 'pod-back' : 'pod-gone' });
    const services = record.services.map((service) => `service/${service}`).join(', ');
    return {
      message: `the Pod ${isThere ? 'carried no record' : 'is gone'}; ${services}: put right`,
      value: undefined,
    };
  });
}
