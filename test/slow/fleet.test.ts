import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFleet, type FleetResult, type Session } from '../../src/engine/index.ts';
import { runInProcess, type CommandResult } from '../support/in-process.ts';
import { useCluster } from '../support/cluster.ts';
import { readyPods } from '../support/my-api.ts';
import { startPitstop } from '../support/pitstop.ts';
import { deploySmallApp, nameOf } from '../support/small-app.ts';
import { deployTrafficApp } from '../support/traffic-app.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
const label = { route: 'label', replicas: 3 } as const;
let output = '';
beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), 'pitstop-fleet-'));
});
afterAll(() => rm(output, { recursive: true }));
const quick = () => ['--settle=50ms', '--progress=plain', '-O', output];

const all = (
  namespace: string,
  target: string,
  words: readonly string[],
  answer?: (written: string) => string | undefined,
): Promise<CommandResult> =>
  runInProcess(['run', target, '--all', '-n', namespace, ...quick(), ...words], {
    kubeconfig: world.kubeconfigPath,
    ...(answer && { answer }),
  });
const sessionsOf = ({ stdout }: CommandResult) =>
  (JSON.parse(stdout) as { items: readonly Session[] }).items;
const podsOf = ({ sessions }: FleetResult) => sessions.map(({ spec }) => spec.pod).toSorted();
const deletePod = (namespace: string, name: string) =>
  world.kube.delete({ resource: 'pods', namespace, name });
const succeeded = { status: { phase: 'Succeeded', podOut: false } };

/** Each Pod of `web` in turn; `during` is what happens once the first is at work. */
function fleet(
  namespace: string,
  target: string,
  options: {
    readonly seconds?: number;
    readonly during?: () => Promise<unknown>;
    readonly keepGoing?: boolean;
  } = {},
): Promise<FleetResult> {
  const { seconds = 0.1, during, keepGoing } = options;
  let isBegun = false;
  const command = ['sleep', String(seconds)];
  const request = { target, namespace, settleMs: 50, output, command, keepGoing };
  return runFleet(world.kube, request, {
    listen: () => (event) => {
      if (isBegun || !during || event.type !== 'step-started' || event.step !== 'diagnose') return;
      isBegun = true;
      void during();
    },
  });
}

describe.concurrent('run --all: exit codes', () => {
  const failsOnce = ['--', 'sh', '-c', 'test -e /tmp/once || { touch /tmp/once; exit 7; }'];

  it('1: stops at the first failure, and with --keep-going at none', async () => {
    const { namespace, pods } = await deploySmallApp(world.kube, { namespace: 'fails', ...label });
    const first = await all(namespace, 'deploy/web', ['-o', 'json', ...failsOnce]);
    expect(first.code).toBe(1);
    expect(first.stderr).toContain('exited with code 7');
    expect(sessionsOf(first)).toMatchObject([{ status: { phase: 'Failed', podOut: false } }]);
    const others = await all(namespace, 'svc/web', ['--keep-going', '-o', 'json', ...failsOnce]);
    expect(others.code).toBe(1);
    expect(
      sessionsOf(others)
        .map(({ spec }) => spec.pod)
        .toSorted(),
    ).toEqual(pods);
    expect(
      sessionsOf(others)
        .map(({ status }) => status.phase)
        .toSorted(),
    ).toEqual(['Failed', 'Failed', 'Succeeded']);
  });

  it('2: nothing was touched: no such target, and every Pod refused', async () => {
    expect(await all('default', 'deploy/nobody', ['--', 'true'])).toMatchObject({ code: 2 });
    const { namespace } = await deploySmallApp(world.kube, {
      namespace: 'last',
      ...label,
      replicas: 1,
    });
    const before = await readWorld(world.kube, namespace);
    const refused = await all(namespace, 'deploy/web', ['--', 'true']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('last-endpoint') });
    expect(refused.stdout).toMatch(/web-\S+ +Refused/);
    expect(await readWorld(world.kube, namespace)).toEqual(before);
  });

  it('3: a Pod is still out, and the command that brings it home is printed', async () => {
    const { namespace } = await deploySmallApp(world.kube, {
      namespace: 'broken',
      change: ({ deployment }) => {
        const [container] = deployment.spec?.template.spec?.containers ?? [];
        const exec = { command: ['sh', '-c', 'test ! -e /tmp/broken'] };
        if (container) container.readinessProbe = { exec, periodSeconds: 1 };
      },
    });
    const words = ['--restore-timeout=4s', '--', 'sh', '-c', 'touch /tmp/broken; sleep 3'];
    const broken = await all(namespace, 'deploy/web', words);
    expect(broken.code).toBe(3);
    expect(broken.stdout).toMatch(/Failed, STILL OUT/);
    expect(broken.stderr).toMatch(/hint: kubectl pitstop restore web-\S+ -n broken/);
  });
});

describe.concurrent('run --all: the Pods change meanwhile', () => {
  it('one that vanishes is left out, the one in its place is taken in', async () => {
    const { namespace, pods } = await deploySmallApp(world.kube, { namespace: 'gone', ...label });
    const [first = '', ...others] = (await readyPods(world.kube, namespace, 3))
      .toSorted((a, b) => ageOf(a).localeCompare(ageOf(b)))
      .map(nameOf);
    const victim = others[0] ?? '';
    const result = await fleet(namespace, 'deploy/web', {
      seconds: 1,
      during: () => deletePod(namespace, victim),
    });
    expect(result.refused).toEqual([]);
    const done = podsOf(result);
    expect(done).toContain(first);
    expect(done).not.toContain(victim);
    expect(done.filter((pod) => !pods.includes(pod))).toHaveLength(1);
    for (const session of result.sessions) expect(session).toMatchObject(succeeded);
  });

  it('a rollout: its new Pods have their turn, and the run ends', async () => {
    const { namespace, pods } = await deploySmallApp(world.kube, {
      namespace: 'rolled',
      route: 'label',
    });
    const template = { metadata: { annotations: { restarted: 'now' } } };
    const result = await fleet(namespace, 'deploy/web', {
      keepGoing: true,
      seconds: 2,
      during: () =>
        world.kube.patch<Deployment>(
          { resource: 'deployments', namespace, name: 'web' },
          { spec: { template } },
          { type: 'merge' },
        ),
    });
    const left = (await readyPods(world.kube, namespace, 2)).map(nameOf);
    expect(left.filter((pod) => pods.includes(pod))).toEqual([]);
    const done = result.sessions.filter(({ status }) => status.phase === 'Succeeded');
    expect(done.map(({ spec }) => spec.pod)).toEqual(expect.arrayContaining(left));
  });
});

function ageOf({ metadata }: Pod): string {
  return `${metadata?.creationTimestamp} ${metadata?.name}`;
}

describe.concurrent('run --all', () => {
  it('two processes at the same moment: never are two Pods at work', async () => {
    const { namespace, pods } = await deploySmallApp(world.kube, {
      namespace: 'two-runs',
      ...label,
      replicas: 2,
    });
    const words = ['-o', 'json', '--', 'sleep', '0.5'];
    const run = ['run', 'deploy/web', '--all', '-n', namespace, ...quick(), ...words];
    const both = await Promise.all(
      [1, 2].map(() => startPitstop(run, { kubeconfig: world.kubeconfigPath }).done),
    );
    expect(both.map(({ code, stderr }) => (code === 0 ? 'done' : stderr))).toEqual([
      'done',
      'done',
    ]);
    const times = both
      .flatMap((result) => sessionsOf({ ...result, code: result.code ?? -1 }))
      .map(({ spec, status }) => {
        const step = status.steps.find(({ name }) => name === 'diagnose');
        return { pod: spec.pod, from: step?.startedAt ?? '', to: step?.finishedAt ?? '' };
      })
      .toSorted((a, b) => a.from.localeCompare(b.from));
    // Each run has each Pod in turn.
    expect(times.map(({ pod }) => pod).toSorted()).toEqual([...pods, ...pods].toSorted());
    for (const [at, { to }] of times.slice(0, -1).entries()) {
      expect(to.localeCompare(times[at + 1]?.from ?? '')).toBe(-1);
    }
  });

  it('--keep=replacement: each Pod goes once, and none that came in its place', async () => {
    const { namespace, pods } = await deploySmallApp(world.kube, { namespace: 'kept' });
    const words = ['--keep=replacement', '-o', 'json', '--', 'true'];
    const done = await all(namespace, 'deploy/web', words);
    expect(done.code).toBe(0);
    expect(
      sessionsOf(done)
        .map(({ spec }) => spec.pod)
        .toSorted(),
    ).toEqual(pods);
    const left = (await readyPods(world.kube, namespace, 2)).map(nameOf);
    expect(left.filter((pod) => pods.includes(pod))).toEqual([]);
  });

  it('--dry-run: one plan a Pod, whether it would go, and nothing touched', async () => {
    const { namespace, pods } = await deploySmallApp(world.kube, { namespace: 'dry', ...label });
    const before = await readWorld(world.kube, namespace);
    const client = await all(namespace, 'deploy/web', ['--dry-run', '--', 'true']);
    expect(client.code).toBe(0);
    for (const pod of pods) expect(client.stdout).toMatch(new RegExp(`${pod} +label .* <none>`));
    const server = await all(namespace, 'deploy/web', [
      '--dry-run=server',
      '-o',
      'json',
      '--',
      'true',
    ]);
    expect(JSON.parse(server.stdout)).toMatchObject({
      kind: 'PlanList',
      items: pods.map(() => ({ status: { dryRun: [{ verdict: 'accepted' }] } })),
    });
    const refused = await all(namespace, 'deploy/web', [
      '--dry-run',
      '--min-ready=3',
      '--',
      'true',
    ]);
    expect(refused).toMatchObject({ code: 2, stdout: expect.stringContaining('last-endpoint') });
    expect(await readWorld(world.kube, namespace)).toEqual(before);
  });

  it('asks on a terminal about connections that stay open, of each Pod', async () => {
    const { kube } = world;
    const { namespace, pods } = await deployTrafficApp(kube, {
      namespace: 'asked',
      owner: 'Deployment',
      route: 'label',
    });
    const program = `
      const { connect } = require('net');
      const open = () => connect(80, process.env.WEB_SERVICE_HOST).on('error', () => {});
      for (let i = 0; i < 16; i += 1) setTimeout(open, 50 * i);`;
    await kube.create<Pod>('pods', {
      metadata: { name: 'client', namespace },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'client', image: 'host', command: [process.execPath, '-e', program] }],
      },
    });
    for (const pod of pods) {
      await until(`a connection to ${pod}`, async () => {
        const command = ['cat', '/proc/net/tcp6', '/proc/net/tcp'];
        const { stdout } = await kube.execText({ namespace, pod, container: 'web', command });
        return /:1F90 [0-9A-F]+:[0-9A-F]{4} 01 /.test(stdout);
      });
    }
    const asked: string[] = [];
    const words = ['--drain-timeout=200ms', '-o', 'name', '--', 'true'];
    const done = await all(namespace, 'deploy/web', words, (written) => {
      const [question] = /\d+ connections? to \S+ still open[^]*\[p\]roceed/.exec(written) ?? [];
      if (question === undefined) return undefined;
      asked.push(question);
      return 'p\n';
    });
    expect(done.code).toBe(0);
    expect(done.stdout.trim().split('\n').toSorted()).toEqual(
      pods.map((pod) => `pod/${pod}`).toSorted(),
    );
    for (const pod of pods) expect(asked.join()).toContain(` to ${pod} still open`);
    expect(asked.join()).toContain('pod asked/client');
  });
});
