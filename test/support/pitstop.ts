import { spawn, type ChildProcess } from 'node:child_process';
import { cp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { highWaterMark } from './high-water-mark.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = 'bin/kubectl-pitstop.js';

export interface PitstopResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Highest resident size of the process in KiB, as the kernel counted it. */
  readonly peakKiB: number;
}

export interface PitstopProcess {
  readonly child: ChildProcess;
  readonly done: Promise<PitstopResult>;
}

/** Copies the bundle into `directory`, for whoever starts it hundreds of times; answers its program. */
export async function pinPitstop(directory: string): Promise<string> {
  for (const part of ['bin', 'dist', 'package.json']) {
    await cp(join(root, part), join(directory, part), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  return join(directory, program);
}

/** Starts `kubectl pitstop` as a user does: the bundle, in a process of its own. */
export function startPitstop(
  args: readonly string[],
  options: {
    readonly kubeconfig?: string;
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    /** Instead of the repository's own, which the next build replaces: of `pinPitstop`. */
    readonly bin?: string;
    readonly onStderr?: (chunk: string) => void;
  } = {},
): PitstopProcess {
  const child = spawn(process.execPath, [options.bin ?? join(root, program), ...args], {
    cwd: options.cwd,
    env: {
      ...process.env,
      ...(options.kubeconfig && { KUBECONFIG: options.kubeconfig }),
      NO_COLOR: '1',
      // Under npx its hints would name npx.
      npm_command: undefined,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let peakKiB = 0;
  const watch = setInterval(() => {
    peakKiB = Math.max(peakKiB, highWaterMark(child.pid));
  }, 20);
  child.stderr.setEncoding('utf8');
  if (options.onStderr) child.stderr.on('data', options.onStderr);
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const done = Promise.all([exited, text(child.stdout), text(child.stderr)]).then(
    ([exit, stdout, stderr]) => {
      clearInterval(watch);
      return { ...exit, stdout, stderr, peakKiB };
    },
  );
  return { child, done };
}

export function pitstop(...parameters: Parameters<typeof startPitstop>): Promise<PitstopResult> {
  return startPitstop(...parameters).done;
}
