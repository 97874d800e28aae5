import type { Pod } from 'kubernetes-types/core/v1.js';
import { entryObject } from '../plan/entries.ts';
import { dropEntries, putEntriesBack } from '../routes/handmade/entries.ts';
import { routes } from '../routes/index.ts';
import type { UndoRecord } from '../session/record.ts';
import type { SessionLog } from '../session/session-log.ts';
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
    const options = {
      timeoutMs,
      onProgress: (message: string) => log.progress('restore', message),
      onWarning: (message: string) => log.emit({ type: 'warning', message }),
    };
    const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
    const isThere = pod?.metadata?.uid === podUid && !pod.metadata.deletionTimestamp;
    await routes[record.route].abandon?.(stop, record, podUid, options);
    if (isThere) await putEntriesBack(stop, pod, record, options);
    else await dropEntries(stop, record, options);
    if (isThere && record.route === 'none') {
      options.onWarning(
        `pod ${namespace}/${name} carried no record: whether its labels are as before nobody can tell; kubectl pitstop doctor -n ${namespace} looks for an owner that it was taken from`,
      );
    }
    log.emit({ type: isThere ? 'pod-back' : 'pod-gone' });
    const objects = [
      ...record.services.map((service) => `service/${service}`),
      ...(record.entries ?? []).map(entryObject),
    ];
    return {
      message: `the Pod ${isThere ? 'carried no record' : 'is gone'}; ${objects.join(', ')}: put right`,
      value: undefined,
    };
  });
}
