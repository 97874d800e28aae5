import type { SessionLog } from '../session/session-log.ts';
import type { UndoRecord } from '../session/record.ts';
import { routes } from '../routes/index.ts';
import type { Stop } from './stop.ts';

/** Step `restore` for a Pod that is no more: what its session had changed besides it is undone. */
export async function putRight(
  stop: Stop,
  log: SessionLog,
  { record, timeoutMs }: { readonly record: UndoRecord; readonly timeoutMs: number },
): Promise<void> {
  await log.step('restore', stop.signal, async () => {
    const { podUid } = log.session.spec;
    await routes[record.route].abandon?.(stop, record, podUid, {
      timeoutMs,
      onProgress: (message) => log.progress('restore', message),
      onWarning: (message) => log.emit({ type: 'warning', message }),
    });
    log.emit({ type: 'pod-gone' });
    return {
      message: `the Pod is gone; ${record.services.join(', ')} is its controllers' again`,
      value: undefined,
    };
  });
}
