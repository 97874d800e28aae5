import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, it, onTestFinished } from 'vitest';
import { createPlan, runSession, type CustomDiagnostic } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { startPitstop } from '../support/pitstop.ts';
import { until } from '../support/until.ts';

const world = useCluster();
const namespace = 'default';

type Container = NonNullable<Pod['spec']>['containers'][0];

async function runPod(
  name: string,
  more: Partial<Container> = {},
  volumes: NonNullable<Pod['spec']>['volumes'] = [{ name: 'scratch', emptyDir: {} }],
): Promise<void> {
  const { kube } = world;
  await kube.create<Pod>('pods', {
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 1,
      volumes,
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

it('a container that is killed meanwhile is told with its exit code', async ({ skip }) => {
  if (!world.embedded) skip('only the embedded cluster kills at a chosen moment');
  await runPod('killed');
  const session = runSession(world.kube, {
    namespace,
    target: 'killed',
    command: ['sh', '-c', 'echo half >@DIR/half; sleep 300'],
    output: `${await folder()}/`,
  });
  await until('it is half done', async () => {
    return (await sh('killed', 'cat /scratch/pitstop-*/half 2>/dev/null || :')) === 'half\n';
  });
  await world.cluster.faults.kill({ namespace, pod: 'killed', container: 'app' });
  const { status } = await session;
  expect(status).toMatchObject({
    phase: 'Failed',
    podOut: false,
    error: {
      code: 'container-restarted',
      message: expect.stringMatching(/\b(OOMKilled|Error), exit code 137/),
    },
  });
  await until('nothing is left', async () => (await sh('killed', 'ls -A /scratch')) === '');
});

it.for(['silent', 'success'] as const)(
  'a stream that ends early twenty times costs nothing: %s',
  async (ending, { skip }) => {
    if (!world.embedded) skip('only the embedded cluster ends streams at a chosen byte');
    const pod = `cut-${ending}`;
    await runPod(pod);
    // The word stands in the command lines of what starts and listens to a diagnostic, and no others.
    const fault = await world.cluster.faults.add({
      kind: 'exec',
      match: { namespace, pod, command: 'merge' },
      cutAtByte: 10,
      ending,
      times: 20,
    });
    const enough = until('all have struck', async () => (await fault.fired()) === 20).then(
      async () => await sh(pod, 'touch /scratch/enough'),
    );
    const home = await folder();
    const { status } = await runSession(world.kube, {
      namespace,
      target: pod,
      command: ['sh', '-c', 'echo once; until [ -e /scratch/enough ]; do sleep 0.1; done; exit 0'],
      output: join(home, 'out.txt'),
    });
    await enough;
    expect(status).toMatchObject({ phase: 'Succeeded', diagnostic: { exitCode: 0 } });
    expect(await readFile(join(home, 'out.txt'), 'utf8')).toBe('once\n');
    expect(await sh(pod, 'ls -A /scratch')).toBe('enough\n');
    await fault.remove();
  },
);

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

it('several files come home as one tar, whatever they are called, and none stays', async () => {
  await runPod('several');
  await sh('several', 'mkdir "/scratch/old logs" && echo old >"/scratch/old logs/old.txt"');
  const home = await folder();
  const run = async (command: string, ...collect: string[]) => {
    const { status } = await runSession(world.kube, {
      namespace,
      target: 'several',
      command: ['sh', '-c', command],
      collect,
      output: `${home}/`,
    });
    expect(status).toMatchObject({ phase: 'Succeeded', artifact: { verified: true } });
    const { path = '' } = status.artifact ?? {};
    const list = execFileSync('tar', ['-tf', path, '--quoting-style=c'], { encoding: 'utf8' });
    return list.trim().split('\n').toSorted();
  };
  const odd = `echo 1 >'@DIR/-dash.txt'; echo 2 >'@DIR/two words.txt'; echo 3 >'@DIR/line
break.txt'; echo 4 >@DIR/unwanted`;
  const names = ['-dash.txt', 'line\\nbreak.txt', 'two words.txt'];
  const members = (await run(odd, '@DIR/*.txt')).map((name) => name.replace(/^"(.\/)?|"$/g, ''));
  expect(members).toEqual(names);
  expect(await sh('several', 'ls -A /scratch')).toBe('old logs\n');
  // What was there before stays, also where it comes home with what is new.
  const mixed = await run("echo new >'/scratch/old logs/new.txt'", '/scratch/old*/*.txt');
  expect(mixed).toHaveLength(2);
  expect(await sh('several', 'ls "/scratch/old logs"')).toBe('new.txt\nold.txt\n');
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

const mebibyte = 2 ** 20;

/** A diagnostic that says of itself what it may need. */
function needing(preflight: NonNullable<CustomDiagnostic['preflight']>): CustomDiagnostic {
  const run = ['sleep', '0'];
  const common = { options: false, exitCodes: [0], source: 'this test' };
  return { name: 'needy', summary: 'needs what it needs', run, preflight, ...common };
}

async function refusals(
  pod: string,
  preflight: NonNullable<CustomDiagnostic['preflight']>,
  remoteDirectory?: string,
) {
  const { status } = await createPlan(world.kube, {
    namespace,
    target: pod,
    diagnostic: 'needy',
    customDiagnostics: [needing(preflight)],
    remoteDirectory,
  });
  const said = status.interlocks
    .filter(({ name }) => ['disk', 'memory', 'ephemeral-storage', 'liveness-budget'].includes(name))
    .map(({ name, message, hint }) => `${name}: ${message} | ${hint}`);
  return { said, estimate: status.estimate };
}

it('an emptyDir’s limit, what is in it already, and a tmpfs are found in real containers', async () => {
  const readOnly = { securityContext: { readOnlyRootFilesystem: true } };
  await runPod('limited', readOnly, [{ name: 'scratch', emptyDir: { sizeLimit: '20Mi' } }]);
  await sh('limited', 'head -c 8388608 /dev/zero >/scratch/there');
  const fits = await refusals('limited', { size: 10 * mebibyte });
  expect(fits).toMatchObject({ said: [], estimate: { directory: '/scratch' } });
  expect(fits.estimate?.freeBytes).toBeLessThanOrEqual(12 * mebibyte);
  const { said } = await refusals('limited', { size: 70 * mebibyte });
  expect(said).toEqual([
    expect.stringContaining('in /scratch the sizeLimit of emptyDir scratch leaves 12.0 MiB'),
  ]);

  const memory = { resources: { limits: { memory: '256Mi' } } };
  await runPod('in-memory', { ...readOnly, ...memory }, [
    { name: 'scratch', emptyDir: { medium: 'Memory' } },
  ]);
  const taken = await refusals('in-memory', { size: 100 * mebibyte, memory: 200 * mebibyte });
  expect(taken.said).toEqual([
    expect.stringContaining('it may take 300.0 MiB more memory (this test says so, of them 100.0'),
  ]);
  expect((await refusals('in-memory', { size: 100 * mebibyte })).said).toEqual([]);
});

it('a place that the user names is the only one, also where the session writes', async () => {
  await runPod('named');
  const { estimate } = await refusals('named', { size: mebibyte }, '/scratch/');
  expect(estimate?.directory).toBe('/scratch');
  const { said } = await refusals('named', { size: mebibyte }, '/no/such');
  expect(said).toEqual([
    'disk: container app has no directory /no/such that it may write to | without --remote-dir the roomiest place is taken',
  ]);
});
