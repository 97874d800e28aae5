import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { describe, expect, it } from 'vitest';
import { createPlan, isolatePod, restorePods } from '../../src/engine/index.ts';
import type { Kube } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { startHeldSession } from '../support/held-session.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { until } from '../support/until.ts';
import { deployWorkload } from '../support/workload.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
const elsewhere = '10.250.0.9';

interface App {
  readonly namespace: string;
  readonly pods: readonly string[];
  /** Address by Pod. */
  readonly ip: (pod: string | undefined) => string;
}

async function deploy(kube: Kube, wanted: string): Promise<App> {
  const options = { namespace: wanted, replicas: 3, route: 'label' } as const;
  const { namespace, pods } = await deploySmallApp(kube, options);
  const all = await kube.list<Pod>('pods', { namespace });
  const ips = new Map(all.map(({ metadata, status }) => [metadata?.name, status?.podIP ?? '']));
  return { namespace, pods, ip: (pod) => ips.get(pod) ?? '' };
}

async function createSlice(
  kube: Kube,
  namespace: string,
  slice: {
    readonly name: string;
    readonly service: string;
    readonly managedBy?: string;
    readonly endpoints: Endpoint[];
  },
): Promise<void> {
  const { name, service, managedBy, endpoints } = slice;
  await kube.create<EndpointSlice>('endpointslices', {
    metadata: {
      name,
      namespace,
      labels: {
        'kubernetes.io/service-name': service,
        ...(managedBy && { 'endpointslice.kubernetes.io/managed-by': managedBy }),
      },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints,
  });
}

function plain(address: string): Endpoint {
  return { addresses: [address] };
}

async function createService(kube: Kube, namespace: string, name: string): Promise<void> {
  await kube.create<Service>('services', {
    metadata: { name, namespace },
    spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
}

/** Addresses of a slice, or of Endpoints, in their order. */
async function addressesOf(kube: Kube, namespace: string, name: string): Promise<string[]> {
  const slice = await kube.get<EndpointSlice>({ resource: 'endpointslices', namespace, name });
  if (slice) return (slice.endpoints ?? []).flatMap(({ addresses }) => addresses);
  const endpoints = await kube.get<Endpoints>({ resource: 'endpoints', namespace, name });
  return (endpoints?.subsets ?? []).flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip));
}

async function sliceOrder(kube: Kube, namespace: string, name: string): Promise<unknown> {
  const slice = await kube.get<EndpointSlice>({ resource: 'endpointslices', namespace, name });
  return slice?.endpoints;
}

async function readsAsBefore(kube: Kube, namespace: string, before: unknown): Promise<void> {
  await until('the world to read as before', async () => {
    expect(await readWorld(kube, namespace)).toEqual(before);
    return true;
  });
}

describe.concurrent('entries that no controller keeps', () => {
  it('takes the Pod out of slices made by hand or by others, and puts it back in its place', async () => {
    const { kube } = world;
    const app = await deploy(kube, 'hand-slices');
    const { namespace, pods, ip } = app;
    const [one, two, three] = pods;
    await createService(kube, namespace, 'manual');
    await createSlice(kube, namespace, {
      name: 'by-hand',
      service: 'manual',
      endpoints: [plain(elsewhere), plain(ip(one)), plain(ip(two))],
    });
    // The same address in a second slice, and an entry of several addresses.
    await createSlice(kube, namespace, {
      name: 'shared',
      service: 'manual',
      endpoints: [{ addresses: [ip(two), ip(one), elsewhere], conditions: { ready: true } }],
    });
    await createSlice(kube, namespace, {
      name: 'foreign',
      service: 'web',
      managedBy: 'staff',
      endpoints: [plain(ip(one)), plain(ip(three))],
    });
    const before = await readWorld(kube, namespace);
    const order = await sliceOrder(kube, namespace, 'shared');
    const request = { namespace, settleMs: 50 };
    const plan = await createPlan(world.user, { ...request, target: one ?? '', dryRun: 'server' });
    expect(plan.status.dryRun?.map(({ object, verdict }) => `${object} ${verdict}`)).toEqual([
      `pod/${one} accepted`,
      'endpointslice/by-hand accepted',
      'endpointslice/foreign accepted',
      'endpointslice/shared accepted',
    ]);
    expect(await readWorld(kube, namespace)).toEqual(before);

    const out = await isolatePod(world.user, { ...request, target: one ?? '' });
    expect(out.status).toMatchObject({
      phase: 'Isolated',
      isolation: { services: ['manual', 'web'] },
    });
    expect(await addressesOf(kube, namespace, 'by-hand')).toEqual([elsewhere, ip(two)]);
    expect(await addressesOf(kube, namespace, 'shared')).toEqual([ip(two), elsewhere]);
    expect(await addressesOf(kube, namespace, 'foreign')).toEqual([ip(three)]);

    await isolatePod(world.user, { ...request, target: two ?? '' });
    expect(await addressesOf(kube, namespace, 'by-hand')).toEqual([elsewhere]);
    expect(await addressesOf(kube, namespace, 'shared')).toEqual([elsewhere]);

    const [first] = await restorePods(world.user, { namespace, pod: one ?? '' });
    expect(first?.status).toMatchObject({ phase: 'Succeeded', warnings: [] });
    expect(first?.status.restoration?.slices).toEqual(
      expect.arrayContaining(['by-hand', 'shared']),
    );
    expect(await addressesOf(kube, namespace, 'by-hand')).toEqual([elsewhere, ip(one)]);
    await restorePods(world.user, { namespace, pod: two ?? '' });
    expect(await addressesOf(kube, namespace, 'by-hand')).toEqual([elsewhere, ip(one), ip(two)]);
    expect(await sliceOrder(kube, namespace, 'shared')).toEqual(order);
    await readsAsBefore(kube, namespace, before);
  });

  it('edits Endpoints made by hand, and the mirrored slices follow', async () => {
    const { kube } = world;
    const { namespace, pods, ip } = await deploy(kube, 'hand-endpoints');
    const [one, two] = pods;
    await createService(kube, namespace, 'manual');
    await kube.create<Endpoints>('endpoints', {
      metadata: { name: 'manual', namespace },
      subsets: [
        { addresses: [{ ip: ip(one) }], ports: [{ name: 'http', port: 8080 }] },
        { addresses: [{ ip: ip(two) }, { ip: ip(one) }], ports: [{ name: 'admin', port: 9090 }] },
      ],
    });
    const mirrored = () =>
      kube.list<EndpointSlice>('endpointslices', {
        namespace,
        labelSelector: 'kubernetes.io/service-name=manual',
      });
    await until('the mirrored slices', async () => (await mirrored()).length === 2);
    const before = await readWorld(kube, namespace);
    const endpoints = { resource: 'endpoints', namespace, name: 'manual' } as const;
    const { subsets } = (await kube.get<Endpoints>(endpoints)) ?? {};

    await isolatePod(world.user, { target: one ?? '', namespace, settleMs: 50 });
    expect(await addressesOf(kube, namespace, 'manual')).toEqual([ip(two)]);
    const listed = (await mirrored()).flatMap((slice) => slice.endpoints ?? []);
    expect(listed.flatMap(({ addresses }) => addresses)).toEqual([ip(two)]);

    const [restored] = await restorePods(world.user, { namespace, pod: one ?? '' });
    expect(restored?.status).toMatchObject({ phase: 'Succeeded', warnings: [] });
    expect((await kube.get<Endpoints>(endpoints))?.subsets).toEqual(subsets);
    // The mirroring controller may have made one of its slices anew, under another name.
    await until('the mirrored slices to list both again', async () => {
      const slices = await mirrored();
      const all = slices.flatMap((slice) => slice.endpoints ?? []);
      return slices.length === 2 && all.length === 3;
    });
    const isMirrored = (key: string) => key.startsWith('endpointslices/manual-');
    const without = (all: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => !isMirrored(key)));
    await until('all else to read as before', async () => {
      expect(without(await readWorld(kube, namespace))).toEqual(without(before));
      return true;
    });
  });

  it('edits a foreign slice by itself on route selector', async () => {
    const { kube } = world;
    const { namespace, pods, ip } = await deploy(kube, 'hand-selector');
    const [one, two] = pods;
    await createSlice(kube, namespace, {
      name: 'foreign',
      service: 'web',
      managedBy: 'somebody.example',
      endpoints: [plain(ip(one)), plain(elsewhere)],
    });
    const before = await readWorld(kube, namespace);
    const request = { namespace, settleMs: 50, route: 'selector' as const };
    await isolatePod(world.user, { ...request, target: one ?? '' });
    await isolatePod(world.user, { ...request, target: two ?? '' });
    expect(await addressesOf(kube, namespace, 'foreign')).toEqual([elsewhere]);
    await restorePods(world.user, { namespace, all: true });
    await readsAsBefore(kube, namespace, before);
  });

  it('puts an entry back before the gate opens, without waiting for what opens it', async () => {
    const { kube } = world;
    const { namespace, pods } = await deployWorkload(kube, {
      namespace: 'hand-gate',
      owner: 'Deployment',
      means: { gates: ['pitstop.dev/in-service'] },
    });
    const [one = ''] = pods;
    const pod = await kube.get<Pod>({ resource: 'pods', namespace, name: one });
    await createService(kube, namespace, 'manual');
    await createSlice(kube, namespace, {
      name: 'by-hand',
      service: 'manual',
      endpoints: [plain(pod?.status?.podIP ?? ''), plain(elsewhere)],
    });
    const before = await readWorld(kube, namespace);
    await isolatePod(world.user, { target: one, namespace, route: 'gate', settleMs: 50 });
    expect(await addressesOf(kube, namespace, 'by-hand')).toEqual([elsewhere]);
    const [restored] = await restorePods(world.user, { namespace, pod: one });
    expect(restored?.status).toMatchObject({ phase: 'Succeeded', warnings: [] });
    await readsAsBefore(kube, namespace, before);
  });

  it('leaves the entry of a Pod that is gone out, and says so', async () => {
    const { kube } = world;
    const { namespace, pods, ip } = await deploy(kube, 'hand-gone');
    const [one] = pods;
    await createService(kube, namespace, 'manual');
    await createSlice(kube, namespace, {
      name: 'by-hand',
      service: 'manual',
      endpoints: [plain(ip(one)), plain(elsewhere)],
    });
    const session = await startHeldSession(world.user, { namespace, pod: one ?? '' });
    expect(await addressesOf(kube, namespace, 'by-hand')).toEqual([elsewhere]);
    await kube.delete({ resource: 'pods', namespace, name: one ?? '' });

    const { status } = await session.done;
    expect(status).toMatchObject({ podOut: false, error: { code: 'pod-gone' } });
    expect(status.warnings).toContainEqual(expect.stringContaining(ip(one)));
    expect(await addressesOf(kube, namespace, 'by-hand')).toEqual([elsewhere]);
    const reference = { resource: 'endpointslices', namespace, name: 'by-hand' } as const;
    const slice = await kube.get<EndpointSlice>(reference);
    expect(slice?.metadata?.annotations ?? {}).toEqual({});
  });

  it.each([
    ['whose Pod is gone: it stays out', true],
    ['of a Pod whose record was taken away: it is put back', false],
  ])('restore --all finds an entry by its record alone, %s', async (_, gone) => {
    const { kube } = world;
    const { namespace, pods, ip } = await deploy(kube, `hand-forsaken-${gone ? 'gone' : 'torn'}`);
    const [one = ''] = pods;
    await createService(kube, namespace, 'manual');
    await createSlice(kube, namespace, {
      name: 'by-hand',
      service: 'manual',
      endpoints: [plain(ip(one)), plain(elsewhere)],
    });
    await isolatePod(world.user, { namespace, target: one, settleMs: 50 });
    const reference = { resource: 'pods', namespace, name: one } as const;
    if (gone) await kube.delete(reference);
    else {
      const metadata = { annotations: { 'pitstop.dev/session': null } };
      await kube.patch(reference, { metadata }, { type: 'merge' });
    }

    const sessions = await restorePods(world.user, { namespace, all: true });

    expect(sessions).toMatchObject([
      { spec: { pod: one }, status: { phase: 'Succeeded', podOut: false } },
    ]);
    expect(sessions[0]?.status.warnings).toEqual([
      expect.stringContaining(gone ? 'was not put back' : 'whether its labels are as before'),
    ]);
    const left = gone ? [elsewhere] : [ip(one), elsewhere];
    expect(await addressesOf(kube, namespace, 'by-hand')).toEqual(left);
    const by = { resource: 'endpointslices', namespace, name: 'by-hand' } as const;
    expect((await kube.get<EndpointSlice>(by))?.metadata?.annotations ?? {}).toEqual({});
    expect(await restorePods(world.user, { namespace, all: true })).toEqual([]);
  });
});
