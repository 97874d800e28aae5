import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { isolatePod, restorePods, runSession, type PitstopError } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { kubectl } from '../support/kubectl.ts';
import { pitstop, startPitstop } from '../support/pitstop.ts';
import { deploySmallApp, nameOf } from '../support/small-app.ts';
import { until } from '../support/until.ts';

const world = useCluster();
let output = '';
beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), 'pitstop-fleet-'));
});
afterAll(() => rm(output, { recursive: true }));

const evidence = ['--', 'sh', '-c', 'echo evidence > /tmp/e.txt'];
const flags = '--all --settle=50ms --progress=plain --collect=/tmp/e.txt'.split(' ');
const fleet = (namespace: string, more: readonly string[] = [], command = evidence) => [
  'run',
  'deploy/web',
  '-n',
  namespace,
  '-O',
  join(output, namespace),
  ...flags,
  ...more,
  ...command,
];
const held = async (namespace: string) =>
  (await world.kube.list<Pod>('pods', { namespace })).filter(
    ({ metadata }) => metadata?.annotations?.['pitstop.dev/session'] !== undefined,
  );

describe.concurrent('run --all', () => {
  it('stops each Pod once, brings each artifact home, and tells all in one document and as Events', async () => {
    const { namespace, pods } = await deploySmallApp(world.kube, {
      namespace: 'all',
      route: 'label',
      replicas: 3,
    });
    const { userKubeconfigPath: kubeconfig } = world;
    const done = await pitstop(fleet(namespace, ['--max-out=2', '-o', 'json']), { kubeconfig });
    expect(done.stderr).not.toContain('error:');
    expect(done.code).toBe(0);
    const list = JSON.parse(done.stdout) as { kind: string; items: { spec: { pod: string } }[] };
    expect(list.kind).toBe('SessionList');
    expect(list.items.map(({ spec }) => spec.pod).toSorted()).toEqual(pods);
    expect(await readdir(join(output, namespace))).toHaveLength(3);
    expect(await held(namespace)).toEqual([]);

    const [pod = ''] = pods;
    const { stdout } = await kubectl(world.kubeconfigPath, [
      'describe',
      'pod',
      pod,
      '-n',
      namespace,
    ]);
    for (const reason of ['Started', 'Isolated', 'Drained', 'Collected', 'Restored', 'Finished']) {
      expect(stdout).toContain(`Pitstop${reason}`);
    }
    const events = await kubectl(world.kubeconfigPath, [
      'events',
      '-n',
      namespace,
      '--for',
      `pod/${pod}`,
    ]);
    expect(events.stdout).toMatch(/PitstopFinished +Pod\/web-\S+ +the Pod is back \(session/);
  });

  it('route release: one at a time, replacements are no Pods of the fleet', async () => {
    const { namespace, pods } = await deploySmallApp(world.kube, { namespace: 'released' });
    const { userKubeconfigPath: kubeconfig } = world;
    const done = await pitstop(fleet(namespace, ['--max-out=2']), { kubeconfig });
    expect(done).toMatchObject({ code: 0 });
    for (const pod of pods) expect(done.stdout).toMatch(new RegExp(`${pod} +Succeeded +release`));
    expect(done.stdout.trim().split('\n')).toHaveLength(3);
  });

  it('two single runs with --max-out=1 at the same moment: never are both at work', async () => {
    const { namespace, pods } = await deploySmallApp(world.kube, {
      namespace: 'rivals',
      route: 'label',
      replicas: 4,
    });
    const one = (target: string) =>
      runSession(world.user, {
        target,
        namespace,
        maxOut: 1,
        maxOutOf: 'svc/web',
        settleMs: 50,
        output: '-',
        command: ['sleep', '1'],
      });
    const both = await Promise.allSettled([one(pods[0] ?? ''), one(pods[1] ?? '')]);
    const ends = both.map((each) =>
      each.status === 'rejected'
        ? (each.reason as PitstopError).code
        : (each.value.status.error?.code ?? 'done'),
    );
    expect(ends.toSorted()).toEqual(['done', 'max-out']);
    expect(await held(namespace)).toEqual([]);
  });

  it('waits while another session holds one of the Pods, and interrupted begins no more', async () => {
    const { namespace, pods } = await deploySmallApp(world.kube, {
      namespace: 'shared',
      route: 'label',
      replicas: 3,
    });
    const [first = ''] = pods;
    await isolatePod(world.user, { target: first, namespace, settleMs: 50 });
    const { userKubeconfigPath: kubeconfig } = world;
    expect((await pitstop(['status', '-A'], { kubeconfig })).stdout).toMatch(
      new RegExp(`${namespace} +└─ pod/${first} +Out \\(\\d+s\\)\\n`),
    );
    const reports: string[] = [];
    const watched = startPitstop(['status', '-w', '-n', namespace, '-o', 'name'], { kubeconfig });
    watched.child.stdout?.on('data', (chunk) => reports.push(String(chunk)));
    await until('the first report', async () => reports.join('').includes(`pod/${first}`));
    let said = '';
    // Work that ends with the interruption only, however late that comes.
    const run = startPitstop(fleet(namespace, [], ['--', 'sleep', '100000']), {
      kubeconfig,
      onStderr: (chunk) => (said += chunk),
    });
    await until('it says what it waits for', async () =>
      said.includes(`pod ${first} is held by another session (--max-out=1)`),
    );
    const told = reports.length;
    await restorePods(world.user, { namespace, pod: first });
    await until('a Pod is out', async () => said.includes('the Pod is out of traffic'));
    const [out] = (await held(namespace)).map(nameOf);
    await until('the watch tells of it', async () =>
      reports.slice(told).join('').includes(`pod/${out}`),
    );
    watched.child.kill('SIGTERM');
    await watched.done;
    run.child.kill('SIGTERM');
    expect((await run.done).code).toBe(130);
    expect(await held(namespace)).toEqual([]);
  });
});
