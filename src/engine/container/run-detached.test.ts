import { execFileSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { startExecServer } from '../../../test/support/exec-server.ts';
import { hasSandbox, startSandbox } from '../../../test/support/sandbox.ts';
import { until } from '../../../test/support/until.ts';
import { connect } from '../../kube/index.ts';
import { killDetachedScript, runDetachedScript } from './detached-script.ts';
import { findLeftovers } from './leftovers.ts';
import { runDetached, type RunContext } from './run-detached.ts';
import { runScript } from './shell.ts';
import type { Target } from './target.ts';
import type { WorkDirectory } from './work-directory.ts';

const hasContainers = hasSandbox();

/** Where a program is; undefined where this machine has none. */
function pathOf(program: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], {
      encoding: 'utf8',
    }).trim();
  } catch {
    return undefined;
  }
}

/** A container whose shell is `shell`, in which the programs of `without` cannot be run. */
async function container({
  shell,
  without = [],
  more = [],
}: {
  readonly shell?: string;
  readonly without?: readonly string[];
  readonly more?: readonly string[];
} = {}) {
  const hidden = without.flatMap((program) => pathOf(program) ?? []);
  const prepare = [
    ...(shell === undefined ? [] : [`mount --bind ${shell} /bin/sh`]),
    ...hidden.map((path) => `mount --bind /dev/null ${path}`),
    ...more,
  ];
  const script = [...prepare, 'mkdir /tmp/work', 'echo ready', 'exec sleep 600'].join(' && ');
  const sandbox = await startSandbox(['bash', '-c', script]);
  const server = await startExecServer({ prefix: sandbox.prefix });
  const kube = await connect({ kubeconfig: server.kubeconfig });
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await sandbox[Symbol.asyncDispose]();
  });
  const target: Target = { kube, namespace: 'shop', pod: 'web', container: 'app' };
  const { signal } = new AbortController();
  const context: RunContext = { target, signal, timeoutMs: 60_000 };
  const sh = async (text: string) => (await runScript(target, text, [], { signal })).stdout;
  return { server, target, context, sh };
}

const directory: WorkDirectory = {
  path: '/tmp/work',
  freeBytes: undefined,
  remove: async () => {},
};

function options(command: string, onSize: (sizeBytes: number) => void = () => {}) {
  const argv = ['sh', '-c', command];
  return { argv, directory, watch: '/tmp/work/stdout', merge: true, onSize };
}

test.runIf(hasContainers)(
  'the stream may die twenty times, and nothing of the run is lost',
  async () => {
    const { server, context, sh } = await container();
    let cuts = 0;
    const command =
      'n=0; until [ -f /tmp/enough ]; do n=$((n + 1)); echo $n; sleep 0.1; done; exit 7';
    const run = runDetached(
      context,
      options(command, () => {
        if (cuts < 20) server.cutAll();
        else if (cuts === 20) void sh('touch /tmp/enough');
        cuts += 1;
      }),
    );
    const { exitCode, stdout } = await run;
    expect(exitCode).toBe(7);
    expect(cuts).toBeGreaterThan(20);
    const lines = stdout.trim().split('\n').map(Number);
    expect(lines).toEqual(lines.map((_, at) => (lines[0] ?? 0) + at));
    // Those that lost their listener are gone: only the parent waits for what it started.
    expect(await sh('ps -eo stat | grep -c "^Z"')).toBe('0\n');
  },
);

// It ignores TERM, leaves a daemon behind that has gone its own way, and children of children.
const unruly = `(setsid sleep 301 &); sleep 302 & (trap '' TERM; sleep 303; sleep 304) & sleep 0.2; echo up; wait`;

test.for([
  ['dash', pathOf('dash'), []],
  ['bash', pathOf('bash'), []],
  ['busybox', pathOf('busybox'), []],
  [
    'dash, without setsid, stat, nohup and timeout',
    pathOf('dash'),
    ['setsid', 'stat', 'nohup', 'timeout'],
  ],
] as const)(
  'what was started is ended with all that came of it: %s',
  async ([, shell, without], { skip }) => {
    if (!hasContainers) skip('no namespaces of our own here');
    if (shell === undefined) return skip('this machine has no such shell');
    const { context, sh } = await container({ shell, without });
    const ended = new AbortController();
    const onSize = (sizeBytes: number) => {
      if (sizeBytes > 0) ended.abort(new Error('that is enough'));
    };
    const run = runDetached({ ...context, signal: ended.signal }, options(unruly, onSize));
    await expect(run).rejects.toThrow('that is enough');
    expect(await sh('ps -eo args | grep -c "^sleep 30[0-9]"')).toBe('0\n');
    // The listening shell ends when it next looks.
    await until('no script of ours runs', async () => {
      return (await sh('ps -eo args | grep -c "[p]itstop-exec /tmp/work"')) === '0\n';
    });
  },
);

test.runIf(hasContainers)(
  'a number that is another’s by now is neither waited for nor ended',
  async () => {
    const { target, context, sh } = await container();
    // As an emptyDir shows it to the next run of the container: the same number, another process.
    await sh('sleep 305 >/dev/null 2>&1 & mkdir /tmp/work/started; echo "$! 1" >/tmp/work/pid');
    const listened = await runScript(
      target,
      runDetachedScript,
      ['/tmp/work', '/tmp/work/stdout', 'merge', 'true'],
      context,
    );
    expect(listened.stdout).toBe('lost\n');
    await runScript(target, killDetachedScript, ['/tmp/work'], context);
    expect(await sh('ps -eo args | grep -c "[s]leep 305"')).toBe('1\n');
  },
);

test.runIf(hasContainers)(
  'a container that ended is told with what its status and the kubelet say',
  async () => {
    const { server, context } = await container();
    const pod = (state: unknown, restartCount = 0) => ({
      metadata: { name: 'web', uid: '1' },
      spec: { containers: [{ name: 'app', resources: { limits: { memory: '64Mi' } } }] },
      status: {
        containerStatuses: [
          { name: 'app', restartCount, containerID: 'x://1', ...(state as object) },
        ],
      },
    });
    server.pod = pod({ state: { running: {} } });
    const ended = { reason: 'OOMKilled', exitCode: 137, startedAt: '2026-01-01T00:00:00Z' };
    let told = false;
    const run = runDetached(
      context,
      options('sleep 300', () => {
        if (told) return;
        told = true;
        server.pod = pod({ state: { terminated: ended } });
        server.cutAll();
      }),
    );
    await expect(run).rejects.toMatchObject({
      code: 'container-restarted',
      message: expect.stringContaining(
        'ended meanwhile (OOMKilled, exit code 137: its memory limit is 64Mi)',
      ),
    });
  },
);

test.runIf(hasContainers)('what the kernel killed for want of memory is told as such', async () => {
  // As a container sees its own cgroup; nobody can be made to run out of memory here.
  const more = [
    'mount -t tmpfs cgroup /sys/fs/cgroup',
    'echo "oom_kill 4" >/sys/fs/cgroup/memory.events',
  ];
  const { context, sh } = await container({ more });
  const killed = 'echo "oom_kill 5" >/sys/fs/cgroup/memory.events; kill -9 $$';
  await expect(runDetached(context, options(killed))).rejects.toMatchObject({
    code: 'diagnostic-failed',
    message: expect.stringContaining('the memory limit of container app was reached'),
  });
  await sh('rm -rf /tmp/work && mkdir /tmp/work');
  // Killed as well, and memory has nothing to do with it.
  const { exitCode } = await runDetached(context, options('kill -9 $$'));
  expect(exitCode).toBe(137);
});

test.runIf(hasContainers)(
  'what a killed session left running is found, ended and removed',
  async () => {
    const { target, context, sh } = await container();
    const left: WorkDirectory = { ...directory, path: '/tmp/pitstop-0123abcd' };
    await sh(`mkdir ${left.path}`);
    const gone = new AbortController();
    const begun = runScript(
      target,
      runDetachedScript,
      [left.path, `${left.path}/stdout`, 'merge', 'sleep', '306'],
      { signal: gone.signal },
    ).catch(() => undefined);
    // The sandbox shows its /tmp as /var/tmp too.
    const find = async () =>
      (await findLeftovers(target, context)).filter(({ path }) => path === left.path);
    await until('it runs', async () => (await find())[0]?.isRunning);
    gone.abort();
    await begun;
    expect(await find()).toHaveLength(1);
    await findLeftovers(target, { ...context, id: '0123abcd', remove: true });
    expect(await find()).toEqual([]);
    expect(await sh('ps -eo args | grep -c "^sleep 306"')).toBe('0\n');
  },
);
