import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TrafficProbe } from '../../src/cli/demo/traffic-probe.ts';
import { runProgram } from '../../src/cli/program.ts';
import { describeCost, isolatePod, type DoctorReport } from '../../src/engine/index.ts';
import { startEphemeral } from '../../src/engine/container/ephemeral.ts';
import { useCluster } from '../support/cluster.ts';
import { sleeperImage } from '../support/images.ts';
import { findKubectls, kubectl } from '../support/kubectl.ts';
import { readyPods } from '../support/my-api.ts';
import { pitstop } from '../support/pitstop.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
/** Everything here waits for controllers, and for processes of our own, on however busy a machine. */
const timeout = 180_000;
const hasKubectl = findKubectls().has('PATH');
const manifests = new URL('../../examples/my-api/', import.meta.url).pathname;

/** Runs the doctor as a user does; answers its exit code and what is wrong (notes aside). */
async function doctor(namespace: string, ...flags: readonly string[]) {
  const { kubeconfigPath: kubeconfig } = world;
  const args = ['doctor', '-n', namespace, '-o', 'json', ...flags];
  const { code, stdout, stderr } = await pitstop(args, { kubeconfig });
  if (code === 2) throw new Error(stderr);
  const { status } = JSON.parse(stdout) as DoctorReport;
  return { code, ...status, wrong: status.findings.filter(({ severity }) => severity !== 'note') };
}

/** Runs `doctor --fix` at a terminal and answers its question; says what it showed there. */
async function typeAtDoctor(namespace: string, answer: string) {
  const isTTY = { isTTY: true };
  const stdin = new PassThrough();
  const stderr = Object.assign(new PassThrough(), isTTY);
  const stdout = new PassThrough().resume();
  let asked = '';
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    asked += chunk;
    if (chunk.includes('[y/N]')) stdin.write(`${answer}\n`);
  });
  const args = ['doctor', '--fix', '-n', namespace, '--kubeconfig', world.kubeconfigPath];
  const code = await runProgram(args, {
    stdin: Object.assign(stdin, isTTY),
    stdout,
    stderr,
    env: process.env,
    signal: new AbortController().signal,
    recovery: undefined,
  });
  return { code, asked };
}

/** The share of new connections that come to nothing, over a second and a half of traffic. */
async function failingShare(port: number): Promise<number> {
  await using probe = new TrafficProbe({
    host: '127.0.0.1',
    port,
    requestsPerSecond: 100,
    // As many as fail wait as long; a busy machine takes its time with the others too.
    timeoutMs: 3_000,
  });
  await sleep(1_500);
  await probe.stop();
  const fresh = probe.requests.filter(({ kind }) => kind === 'new');
  return fresh.filter(({ error }) => error !== undefined).length / fresh.length;
}

describe.skipIf(!hasKubectl || !world.embedded)(
  'with kubectl on the PATH, and node ports of this machine: the recipe by hand, forgotten half-way',
  () => {
    it(
      'is named with what it costs, which is what traffic loses, and repaired',
      { timeout },
      async () => {
        const { kube, cluster } = world;
        const namespace = 'forgotten';
        let editor = '';
        let input = '';
        const type = async (...args: string[]) => {
          const options = { env: { KUBE_EDITOR: editor }, input };
          const result = await kubectl(cluster.kubeconfigPath, ['-n', namespace, ...args], options);
          expect(result).toMatchObject({ code: 0 });
        };
        await kube.create('namespaces', { metadata: { name: namespace } });
        const deployment = await readFile(join(manifests, 'deployment.yaml'), 'utf8');
        input = deployment.replace('my-api:1', 'my-api:1-node');
        await type('apply', '-f', '-', '-f', join(manifests, 'service.yaml'));
        const originals = await readyPods(kube, namespace, 2);
        const [pod] = originals;
        const reference = { resource: 'services', namespace, name: 'my-svc' } as const;
        const before = await kube.get<Service>(reference);
        const port = before?.spec?.ports?.[0]?.nodePort ?? 0;
        await until('both are listed', async () => {
          const listed = await kube.list<EndpointSlice>('endpointslices', { namespace });
          return addresses(listed).length === 2;
        });

        await type('apply', '-f', join(manifests, 'by-hand/service-without-selector.yaml'));
        editor = `${process.execPath} ${join(manifests, 'by-hand/drop-address.mjs')} ${pod?.status?.podIP}`;
        await type('edit', 'endpoints', 'my-svc');
        expect(await doctor(namespace)).toMatchObject({
          code: 1,
          wrong: [
            {
              name: 'selector-removed',
              object: 'service/my-svc',
              details: [
                expect.stringMatching(/^last written by kubectl-client-side-apply at /),
                expect.stringMatching(
                  `does not show ${pod?.status?.podIP} any more, but pod/${pod?.metadata?.name} gets its share`,
                ),
              ],
            },
          ],
        });

        await type('delete', 'pod', pod?.metadata?.name ?? '', '--wait');
        const pods = await readyPods(kube, namespace, 2);
        const uids = new Set(originals.map(({ metadata }) => metadata?.uid));
        const replacement = pods.find(({ metadata }) => !uids.has(metadata?.uid));
        const ill = await doctor(namespace);
        const [finding] = ill.wrong;
        expect(ill.wrong).toHaveLength(1);
        expect(finding?.details?.join('\n')).toContain(`pod/${pod?.metadata?.name} is gone`);
        expect(finding?.details?.join('\n')).toContain(
          `pod/${replacement?.metadata?.name} is Ready, but no slice lists it`,
        );
        expect(describeCost(finding?.cost ?? [])).toEqual([
          '30 of 60 requests to port 80 (http) would fail',
        ]);
        const share = await failingShare(port);
        expect(share).toBeGreaterThan(0.25);
        expect(share).toBeLessThan(0.75);

        expect(await doctor(namespace, '--fix', '--dry-run=server')).toMatchObject({
          code: 1,
          repairs: [{ outcome: 'tried' }],
        });
        expect(await doctor(namespace, '--fix', '--yes')).toMatchObject({
          code: 0,
          wrong: [],
          repairs: [{ finding: { name: 'selector-removed' }, outcome: 'repaired' }],
        });
        await until('no request to fail', async () => (await failingShare(port)) === 0);
        expect((await kube.get<Service>(reference))?.spec).toEqual(before?.spec);
        const slices = await kube.list<EndpointSlice>('endpointslices', { namespace });
        expect(slices).toHaveLength(1);
        expect(addresses(slices)).toEqual(addressesOf(pods));
      },
    );
  },
);

function addresses(slices: readonly EndpointSlice[]): readonly string[] {
  return slices
    .flatMap(({ endpoints }) => (endpoints ?? []).flatMap((each) => each.addresses))
    .toSorted((a, b) => a.localeCompare(b));
}

function addressesOf(pods: readonly Pod[]): readonly string[] {
  return pods.map(({ status }) => status?.podIP ?? '').toSorted((a, b) => a.localeCompare(b));
}

describe('doctor --fix', () => {
  it(
    'clears what sessions and hands have left at once, and leaves all as it was',
    { timeout },
    async () => {
      const { kube } = world;
      const { namespace, pods } = await deploySmallApp(kube, {
        namespace: 'debris',
        route: 'label',
        replicas: 3,
      });
      const before = await readWorld(kube, namespace);
      const [out = '', marked = '', listed = ''] = pods;
      const read = (name: string) => kube.get<Pod>({ resource: 'pods', namespace, name });

      // A session whose user went home.
      await isolatePod(kube, { target: out, namespace, ttlMs: 1 });
      const files = '/tmp/pitstop-0123abcd';
      const exec = { namespace, pod: listed, container: 'web' };
      await kube.execText({ ...exec, command: ['mkdir', files] });
      // A session that was killed on its way home.
      await kube.patch(
        { resource: 'pods', namespace, name: marked },
        {
          metadata: {
            annotations: {
              'controller.kubernetes.io/pod-deletion-cost': '-2147483648',
              'pitstop.dev/replacement': JSON.stringify({ id: 'feedbeef', cost: null }),
            },
          },
        },
        { type: 'merge' },
      );
      // A slice by hand, of a Pod that is there and of one that is not.
      const there = await read(listed);
      const targetRef = (name: string, uid: string) => ({ kind: 'Pod', namespace, name, uid });
      await kube.create<EndpointSlice>('endpointslices', {
        metadata: { name: 'by-hand', namespace, labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        endpoints: [
          {
            addresses: [there?.status?.podIP ?? ''],
            targetRef: targetRef(listed, there?.metadata?.uid ?? ''),
          },
          { addresses: ['10.244.200.200'], targetRef: targetRef('long-gone', 'long-gone') },
        ],
      });
      // Endpoints edited under the selector.
      await until('the controllers have let the Pod go', async () => {
        const slices = await kube.list<EndpointSlice>('endpointslices', { namespace });
        return slices.every(({ metadata, endpoints }) =>
          metadata?.name === 'by-hand' ? true : endpoints.length === 2,
        );
      });
      await kube.patch(
        { resource: 'endpoints', namespace, name: 'web' },
        [{ op: 'remove', path: '/subsets/0/addresses/0' }],
        { type: 'json' },
      );

      const ill = await doctor(namespace, '--files');
      expect(ill.wrong.map(({ name, object }) => `${name} ${object}`)).toEqual([
        'foreign-slice endpointslice/by-hand',
        `session-expired pod/${out}`,
        'endpoints-edited endpoints/web',
        `deletion-cost pod/${marked}`,
        `session-files pod/${listed}`,
      ]);
      const healed = await doctor(namespace, '--fix', '--yes');
      expect(healed.repairs?.map(({ outcome }) => outcome)).toEqual(Array(4).fill('repaired'));
      expect(healed).toMatchObject({ code: 0, wrong: [] });

      const left = await doctor(namespace, '--files');
      expect(left.wrong.map(({ name }) => name)).toEqual(['session-files']);
      await kube.execText({ ...exec, command: ['rmdir', files] });
      await until('all as before', async () => {
        expect(await readWorld(kube, namespace)).toEqual(before);
        return true;
      });
    },
  );

  it('ends the helper of a session that is over', { timeout }, async () => {
    const { kube } = world;
    const { namespace, pods } = await deploySmallApp(kube, { namespace: 'helped', route: 'label' });
    const [pod = ''] = pods;
    const { name } = await startEphemeral(
      { kube, namespace, pod, container: 'web' },
      { image: sleeperImage, purpose: { for: 'look' }, signal: AbortSignal.timeout(60_000) },
    );
    expect(await doctor(namespace, '--fix', '--yes')).toMatchObject({
      code: 0,
      repairs: [{ finding: { name: 'helper-running', object: `pod/${pod}` }, outcome: 'repaired' }],
    });
    const helped = await kube.get<Pod>({ resource: 'pods', namespace, name: pod });
    const status = helped?.status?.ephemeralContainerStatuses?.find((each) => each.name === name);
    expect(status?.state?.terminated).toBeDefined();
  });

  it('asks on a terminal, and takes only a yes for one', { timeout }, async () => {
    const { kube } = world;
    const { namespace } = await deploySmallApp(kube, { namespace: 'asked' });
    const reference = { resource: 'services', namespace, name: 'web' } as const;
    const selector = async () => (await kube.get<Service>(reference))?.spec?.selector;
    await kube.patch(reference, { spec: { selector: null } }, { type: 'merge' });

    const refused = await typeAtDoctor(namespace, 'of course');
    expect(refused.asked).toContain(`Repair it in context ${kube.context}? [y/N]`);
    expect(refused.code).toBe(1);
    expect(await selector()).toBeUndefined();
    const agreed = await typeAtDoctor(namespace, 'y');
    expect(agreed.asked).toContain(
      `kubectl patch services web -n ${namespace} --type=merge -p '{"spec":{"selector":{"app":"web"}}}'`,
    );
    expect(agreed.code).toBe(0);
    expect(await selector()).toEqual({ app: 'web' });
  });

  it('does not touch what it is not told to, and says why it does not ask', async () => {
    const { kubeconfigPath: kubeconfig } = world;
    const asked = await pitstop(['doctor', '--fix'], { kubeconfig });
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('there is no terminal to ask on');
    const directory = await mkdtemp(join(tmpdir(), 'pitstop-doctor-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const nowhere = join(directory, 'nowhere');
    await writeFile(nowhere, '{}');
    const blind = await pitstop(['doctor'], { kubeconfig: nowhere });
    expect(blind.code).toBe(2);
  });
});

describe.skipIf(!hasKubectl || !world.embedded)(
  'with kubectl on the PATH, and users to make: one with few rights',
  () => {
    it('is told what would not work, and prints the Role that mends it', { timeout }, async () => {
      const { kube, cluster } = world;
      const { namespace, pods } = await deploySmallApp(kube, {
        namespace: 'few-rights',
        route: 'label',
      });
      const jane = join(cluster.directory, 'jane-doctor');
      await writeFile(
        jane,
        await cluster.kubeconfigFor({ username: 'jane', groups: ['lookers'] }),
        {
          mode: 0o600,
        },
      );
      const admin = (...args: string[]) => kubectl(cluster.kubeconfigPath, args);
      await admin(
        'create',
        'rolebinding',
        'look',
        '-n',
        namespace,
        '--clusterrole=view',
        '--user=jane',
      );

      const asJane = (...args: string[]) =>
        pitstop([...args, '-n', namespace], { kubeconfig: jane });
      const looked = await asJane('doctor', '-o', 'json');
      const { status } = JSON.parse(looked.stdout) as DoctorReport;
      expect(status.findings).toContainEqual(
        expect.objectContaining({
          name: 'rbac',
          severity: 'warning',
          object: 'user/jane',
          message: `may not patch pods in namespace ${namespace}: routes label and release would refuse`,
        }),
      );

      await isolatePod(kube, { target: pods[0] ?? '', namespace, ttlMs: 1 });
      const refused = await asJane('restore', pods[0] ?? '', '--restore-timeout=2s');
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain('User "jane" cannot patch resource "pods"');
      expect(refused.stderr).toMatch(/hint: .*can-i patch pods/);

      const role = await asJane('doctor', '--print-rbac');
      const applied = await kubectl(cluster.kubeconfigPath, ['apply', '-f', '-'], {
        input: role.stdout,
      });
      expect(applied.stdout).toBe(
        'role.rbac.authorization.k8s.io/pitstop created\nrolebinding.rbac.authorization.k8s.io/pitstop created\n',
      );
      const allowed = await asJane('doctor', '--fix', '--yes', '-o', 'json');
      const after = JSON.parse(allowed.stdout) as DoctorReport;
      expect(after.status.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
      expect(after.status.repairs).toMatchObject([{ outcome: 'repaired' }]);
    });
  },
);
