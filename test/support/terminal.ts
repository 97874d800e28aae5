import { fileURLToPath } from 'node:url';
import type * as NodePty from '@lydell/node-pty';
import { until } from './until.ts';

const program = fileURLToPath(new URL('../../bin/kubectl-pitstop.js', import.meta.url));

/** Optional, and prebuilt for some systems only: without it tests of terminals are skipped. */
export const pty = await import('@lydell/node-pty').catch(() => undefined);

/** `kubectl pitstop` at a terminal of its own. */
export interface AtTerminal {
  readonly pid: number;
  /** All that was shown so far, as it came. */
  readonly shown: () => string;
  readonly type: (keys: string) => void;
  readonly seen: (text: string | RegExp) => Promise<unknown>;
  /** The window is closed: the kernel hangs up, and there is nothing to write to any more. */
  readonly close: () => void;
  readonly exitCode: Promise<number>;
  /** Whether the process still runs; after `close` nobody tells. */
  readonly runs: () => boolean;
}

export const ctrlC = '\u0003';

export function startAtTerminal(
  terminals: typeof NodePty,
  args: readonly string[],
  { kubeconfig, cwd }: { readonly kubeconfig?: string; readonly cwd?: string } = {},
): AtTerminal {
  const { npm_command: _, ...env } = process.env;
  const child = terminals.spawn(process.execPath, [program, ...args], {
    name: 'xterm',
    cols: 100,
    rows: 30,
    ...(cwd !== undefined && { cwd }),
    env: { ...env, ...(kubeconfig !== undefined && { KUBECONFIG: kubeconfig }) },
  });
  let shown = '';
  child.onData((data) => (shown += data));
  const ended = Promise.withResolvers<number>();
  child.onExit(({ exitCode }) => ended.resolve(exitCode));
  return {
    pid: child.pid,
    shown: () => shown,
    type: (keys) => child.write(keys),
    seen: (text) => until(`${text} at the terminal`, async () => shown.search(text) >= 0),
    close: () => (child as unknown as { destroy(): void }).destroy(),
    exitCode: ended.promise,
    runs: () => {
      try {
        process.kill(child.pid, 0);
        return true;
      } catch {
        return false;
      }
    },
  };
}
