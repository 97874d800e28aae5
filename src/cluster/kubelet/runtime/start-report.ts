import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

/**
 * What a starting process says on descriptor 3 before it becomes the command: everything up to and
 * including its last word (`ok`, `no-command`, `no-directory`), or all of it when the process ends
 * before. The end of the pipe tells nothing: the waiting unshare or nsenter keeps it open.
 */
export function readStartReport(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const report = child.stdio[3] as Readable;
  let said = '';
  const finish = () => {
    report.destroy();
    resolve(said);
  };
  report.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (isComplete(said)) finish();
  });
  // Not at the child's end: a command that ends at once does so before its report is read.
  report.once('end', finish);
  child.once('error', finish);
  return promise;
}

/** Whether the last word of a report has been said. */
export function isComplete(said: string): boolean {
  return /^(ok|no-command|no-directory)\n$/m.test(said);
}
