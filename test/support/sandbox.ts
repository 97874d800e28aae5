import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Sandbox extends AsyncDisposable {
  /** Goes before a command to run it inside. */
  readonly prefix: readonly string[];
  /** Replaces what runs in it, as a restart of a container does. */
  restart(): Promise<void>;
}

/** Whether this machine lets us make one. */
export function hasSandbox(): boolean {
  return spawnSync('unshare', [...isolation, 'true']).status === 0;
}

const isolation = [
  '--user',
  '--map-root-user',
  '--pid',
  '--mount',
  '--net',
  '--fork',
  '--mount-proc',
  '--kill-child',
];

/** Runs `argv` as PID 1 with its own processes, sockets and /tmp: a container without an image. */
export async function startSandbox(argv: readonly string[]): Promise<Sandbox> {
  let running = await start(argv);
  const prefix = ['nsenter', '--target', '', '--user', '--pid', '--mount', '--net', '--'];
  prefix[2] = String(running.inside);
  return {
    prefix,
    async restart() {
      await stop(running.outer);
      running = await start(argv);
      prefix[2] = String(running.inside);
    },
    async [Symbol.asyncDispose]() {
      await stop(running.outer);
    },
  };
}

/** A private /dev/shm with next to no room, and a private /tmp, in which the first argument's entries of the host's /tmp stay to be seen. */
const script = `mount -t tmpfs -o size=64k tmpfs /dev/shm && mount -t tmpfs tmpfs /var/tmp && ip link set lo up || exit 1
for kept in $1; do
  mkdir "/var/tmp/$kept" && mount --rbind "/tmp/$kept" "/var/tmp/$kept" || exit 1
done
shift; mount --rbind /var/tmp /tmp && exec "$@"`;

/** A fresh clone, and the node it brings, may lie under /tmp themselves. */
const kept = [new URL('../..', import.meta.url).pathname, process.execPath]
  .filter((path) => path.startsWith('/tmp/'))
  .map((path) => path.split('/')[2]);

async function start(argv: readonly string[]): Promise<{ outer: ChildProcess; inside: number }> {
  const entries = [...new Set(kept)].join(' ');
  const outer = spawn('unshare', [...isolation, 'sh', '-c', script, 'sh', entries, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // What runs inside prints a line when it is ready.
  await new Promise((resolve, reject) => {
    outer.stdout?.once('data', resolve);
    outer.once('exit', (code) => reject(new Error(`the sandbox ended with code ${code}`)));
  });
  const children = readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8');
  return { outer, inside: Number(children.trim().split(' ')[0]) };
}

async function stop(outer: ChildProcess): Promise<void> {
  outer.removeAllListeners('exit');
  if (outer.exitCode !== null || outer.signalCode !== null) return;
  const ended = new Promise((resolve) => outer.once('exit', resolve));
  outer.kill('SIGKILL');
  await ended;
  await sleep(50);
}
