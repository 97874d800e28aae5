import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { ExitStatus } from './runtime.ts';

/** 128 + signal number when a signal ended the process, as shells and container runtimes count. */
function toExitStatus(code: number | null, signal: NodeJS.Signals | null): ExitStatus {
  if (signal !== null) return { exitCode: 128 + (constants.signals[signal] ?? 0), signal };
  return { exitCode: code ?? 255 };
}

/** Resolves when the process has ended and its output pipes (unless given as files) are closed. */
export function exitOf(child: ChildProcess): Promise<ExitStatus> {
  const { promise, resolve } = Promise.withResolvers<ExitStatus>();
  child.once('exit', (code, signal) => resolve(toExitStatus(code, signal)));
  child.once('error', () => resolve({ exitCode: 255 }));
  return promise;
}
