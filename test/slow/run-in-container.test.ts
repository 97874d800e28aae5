import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, it, onTestFinished } from 'vitest';
import { runSession } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { startPitstop } from '../support/pitstop.ts';
import { until } from '../support/until.ts';

const world = useCluster();
const namespace = 'default';

type Container = NonNullable<Pod['spec']>['containers'][0];

async function runPod(name: string, more: Partial<Container> = {}): Promise<void> {
  const { kube } = world;
  await kube.create<Pod>('pods', {
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 1,
      volumes: [{ name: 'scratch', emptyDir: {} }],
      containers: [
        {
          name: 'app',
          image: 'host',
          command: ['sleep', '100000'],
          volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
          ...more,
        },
      ],
    },
  });
  await until(`pod ${name} is ready`, async () => {
    const pod = await kube.get<Pod>({ resource: 'pods', namespace, name });
    return pod?.status?.containerStatuses?.[0]?.ready;
  });
}

async function sh(pod: string, script: string): Promise<string> {
  const command = ['sh', '-c', script];
  return (await world.kube.execText({ namespace, pod, container: 'app', command })).stdout;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pitstop-run-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

it('a probe that kills the container meanwhile is named, and nothing stays in its volume', async () => {
  await runPod('probed', {
    livenessProbe: {
      exec: { command: ['test', '!', '-e', '/scratch/die'] },
      periodSeconds: 1,
      failureThreshold: 1,
    },
  });
  const { status } = await runSession(world.kube, {
    namespace,
    target: 'probed',
    command: ['sh', '-c', 'echo half >@DIR/half; : >/scratch/die; sleep 300'],
    collect: ['@DIR/half'],
    output: `${await folder()}/`,
  });
  expect(status).toMatchObject({
    phase: 'Failed',
    podOut: false,
    error: {
      code: 'container-restarted',
      message: expect.stringContaining('failed liveness probe, will be restarted'),
    },
  });
  await sh('probed', 'rm -f /scratch/die');
  await until('nothing is left', async () => (await sh('probed', 'ls -A /scratch')) === '');
});

it('a diagnostic of the user’s own works like any other, and is listed with them', async () => {
  await runPod('own');
  const home = await folder();
  const file = join(home, 'mine.yaml');
  await writeFile(
    file,
    `apiVersion: pitstop.dev/v1alpha1
kind: DiagnosticList
items:
  - name: sleepers
    summary: how long it sleeps
    detect: { process: sleep }
    script: |
      tr '\\0' ' ' </proc/@PID/cmdline >"@DIR/a
      b.txt"
      echo "$1" >>"@DIR/a
      b.txt"
    options: true
    collect: '@DIR/*.txt'
    exitCodes: [0, 3]
  - name: nothing
    summary: needs what nobody has
    run: [no-such-program]
`,
  );
  const options = { kubeconfig: world.kubeconfigPath };
  const flags = ['-n', namespace, `--diagnostics-file=${file}`];
  const listed = await startPitstop(['diagnostics', 'own', ...flags, '-o', 'json'], options).done;
  expect(listed).toMatchObject({ code: 0 });
  const { items } = JSON.parse(listed.stdout) as { items: readonly { name: string }[] };
  const mine = items.filter(({ name }) => ['sleepers', 'nothing'].includes(name));
  expect(mine).toMatchObject([
    { works: true, tool: 'sh', pid: 1, estimate: { directory: '/scratch' } },
    { works: false, detail: 'no-such-program is not in the container' },
  ]);
  const run = await startPitstop(
    ['run', 'own', ...flags, '--diagnostic=sleepers', '-O', join(home, 'out.txt'), '--', '--more'],
    options,
  ).done;
  expect(run).toMatchObject({ code: 0 });
  expect(await readFile(join(home, 'out.txt'), 'utf8')).toBe('sleep 100000 --more\n');
  expect(await sh('own', 'ls -A /scratch /tmp')).not.toContain('pitstop-');
});

it('what a failing command made stays with --keep-remote, and is said', async () => {
  await runPod('kept');
  const { status } = await runSession(world.kube, {
    namespace,
    target: 'kept',
    command: ['sh', '-c', 'echo half >@DIR/half; exit 9'],
    collect: ['@DIR/whole'],
    keepRemote: true,
    remoteDirectory: '/scratch',
    output: `${await folder()}/`,
  });
  expect(status).toMatchObject({ phase: 'Failed', error: { code: 'diagnostic-failed' } });
  const [directory = ''] = /\/scratch\/pitstop-[0-9a-f]{8}/.exec(status.warnings.join('\n')) ?? [];
  expect(await sh('kept', `ls -A ${directory}`)).toBe('half\n');
});
