import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restorePods, stepNames, type Session } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { runInProcess } from '../support/in-process.ts';
import { startPitstop, type PitstopProcess } from '../support/pitstop.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { ctrlC, pty, startAtTerminal } from '../support/terminal.ts';

const world = useCluster();
let output = '';
beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), 'pitstop-signals-'));
});
afterAll(() => rm(output, { recursive: true, force: true }));

const held = async (namespace: string) =>
  (await world.kube.list<Pod>('pods', { namespace })).filter(
    ({ metadata }) => metadata?.annotations?.['pitstop.dev/session'] !== undefined,
  );

/** A `run` that does something to `child` when the step begins; resolves as the process ends. */
function runUntil(
  namespace: string,
  step: string,
  act: (child: PitstopProcess['child']) => void,
): PitstopProcess['done'] {
  let isDone = false;
  const words = ['run', 'deploy/web', '-n', namespace, '-O', `${output}/${namespace}/`];
  const command = ['--', 'sh', '-c', 'head -c 20000000 /dev/urandom > /tmp/e.bin; sleep 1'];
  const process = startPitstop(
    [...words, '--collect=/tmp/e.bin', '--progress=json', '-o', 'json', ...command],
    {
      kubeconfig: world.kubeconfigPath,
      onStderr: (chunk) => {
        if (isDone || !chunk.includes(`"type":"step-started"`)) return;
        if (!chunk.includes(`"step":"${step}"`)) return;
        isDone = true;
        act(process.child);
      },
    },
  );
  return process.done;
}

const label = { route: 'label', replicas: 3 } as const;

describe.concurrent.each(stepNames)('run, in step %s', (step) => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s: the Pod is back', async (signal) => {
    const namespace = `${step}-${signal.toLowerCase()}`;
    await deploySmallApp(world.kube, { namespace, ...label });
    const done = await runUntil(namespace, step, (child) => child.kill(signal));
    // Once the way home is all that is left, there is nothing to interrupt.
    expect(done.code).toBe(step === 'restore' ? 0 : 130);
    expect(await held(namespace)).toEqual([]);
  });

  it('twice: gone at once, and restore brings the Pod home', async () => {
    const namespace = `${step}-twice`;
    const { pods } = await deploySmallApp(world.kube, { namespace, ...label });
    const done = await runUntil(namespace, step, (child) => {
      child.kill('SIGINT');
      child.stderr?.on('data', (chunk) => {
        if (String(chunk).includes('Interrupted')) child.kill('SIGINT');
      });
    });
    // Before anything was written there is nothing to recover.
    const [, pod] = /hint: kubectl pitstop restore (\S+) -n/.exec(done.stderr) ?? [];
    expect(done.code).toBe(pod === undefined ? 130 : 3);
    expect([undefined, ...pods]).toContain(pod);
    const options = { kubeconfig: world.kubeconfigPath };
    await runInProcess(['restore', '--all', '-n', namespace], options);
    expect(await held(namespace)).toEqual([]);
  });
});

/** Longer than a lease. */
const sleptMs = 65_000;

describe.concurrent.each(stepNames)('a machine that sleeps in step %s', (step) => {
  it('goes on where nobody has acted on its Pod', async () => {
    const namespace = `${step}-slept`;
    await deploySmallApp(world.kube, { namespace, ...label });
    const done = await runUntil(namespace, step, (child) => {
      child.kill('SIGSTOP');
      void sleep(sleptMs).then(() => child.kill('SIGCONT'));
    });
    expect(done.code).toBe(0);
    const { status } = JSON.parse(done.stdout) as Session;
    expect(status).toMatchObject({
      phase: 'Succeeded',
      podOut: false,
      artifact: { verified: true, sizeBytes: 20_000_000 },
    });
    expect(await held(namespace)).toEqual([]);
  });

  it('notices that its Pod was brought home meanwhile', async () => {
    const namespace = `${step}-taken`;
    const isEdge = step === 'isolate' || step === 'restore';
    await deploySmallApp(world.kube, { namespace, ...label });
    const asleep = Promise.withResolvers<PitstopProcess['child']>();
    const done = runUntil(namespace, step, (child) => {
      child.kill('SIGSTOP');
      asleep.resolve(child);
    });
    const child = await asleep.promise;
    try {
      // As a cron job would: it watches for a whole lease whether anybody renews the record.
      const restored = await restorePods(world.kube, { namespace, expired: true });
      const phases = restored.map(({ status }) => status.phase).join();
      // At the edges the process may have stopped before its first write, or after its last.
      expect(phases).toMatch(isEdge ? /^(Succeeded)?$/ : /^Succeeded$/);
    } finally {
      child.kill('SIGCONT');
    }
    const { code, stdout } = await done;
    const { status } = JSON.parse(stdout) as Session;
    // Once the work has begun its evidence is kept, and what happened is said.
    expect(code).toBe(status.error ? 1 : 0);
    const said = [...status.warnings, status.error?.message ?? ''].join('\n');
    expect(said).toMatch(isEdge ? /^/ : /somebody else|the undo record is gone/);
    expect(status.podOut).toBe(false);
    expect(await held(namespace)).toEqual([]);
  });
});

describe.skipIf(pty === undefined)('at a terminal', () => {
  it('restore: Ctrl-C leaves the Pod out, and says so', async () => {
    const namespace = 'restore-cut';
    await deploySmallApp(world.kube, {
      namespace,
      change: ({ deployment }) => {
        const [container] = deployment.spec?.template.spec?.containers ?? [];
        const exec = { command: ['sh', '-c', 'test ! -e /tmp/broken'] };
        if (container) container.readinessProbe = { exec, periodSeconds: 1 };
      },
    });
    const options = { kubeconfig: world.kubeconfigPath };
    const flags = ['-n', namespace, '--settle=50ms', '-o', 'name'];
    const isolated = await runInProcess(['isolate', 'deploy/web', ...flags], options);
    const pod = isolated.stdout.trim().replace('pod/', '');
    const exec = (command: string[]) =>
      world.kube.execText({ namespace, pod, container: 'web', command });
    await exec(['touch', '/tmp/broken']);
    if (!pty) throw new Error('no terminals here');
    const words = ['restore', pod, '-n', namespace, '--progress=plain'];
    const terminal = startAtTerminal(pty, words, options);
    await terminal.seen('restore: started');
    terminal.type(ctrlC);
    expect(await terminal.exitCode).toBe(3);
    expect(terminal.shown()).toContain(`kubectl pitstop restore ${pod} -n ${namespace}`);
    await exec(['rm', '/tmp/broken']);
    expect(await runInProcess(words, options)).toMatchObject({ code: 0 });
    expect(await held(namespace)).toEqual([]);
  });

  it('demo: Ctrl-C puts the Pod back, and ends the cluster', async () => {
    if (!pty) throw new Error('no terminals here');
    const words = ['demo', '--runtime=node', '--progress=plain'];
    const terminal = startAtTerminal(pty, words, { cwd: output });
    await terminal.seen('isolate: started');
    terminal.type(ctrlC);
    expect(await terminal.exitCode).toBe(130);
    expect(terminal.shown()).toContain('restore: done');
    const [, name = ''] = /cluster (demo-\w+) is Ready/.exec(terminal.shown()) ?? [];
    expect(name).not.toBe('');
  });
});
