import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { describe, expect, it } from 'vitest';
import { isolatePod, restorePods, runSession } from '../../src/engine/index.ts';
import { subsetsKey } from '../../src/engine/routes/selector/desired-subsets.ts';
import { nextWrites } from '../../src/engine/routes/selector/next-writes.ts';
import { readPicture } from '../../src/engine/routes/selector/picture.ts';
import { Zones } from '../../src/engine/routes/selector/zones.ts';
import { encodeServiceRecord } from '../../src/engine/session/service-record.ts';
import type { Kube } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { startHeldSession } from '../support/held-session.ts';
import { listsExactly, readListed } from '../support/listed.ts';
import { startPitstop } from '../support/pitstop.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
const route = 'selector' as const;
const recordAnnotation = 'pitstop.dev/session';

/** What sessions of this route have added. */
function ownSlices(kube: Kube, namespace: string): Promise<readonly EndpointSlice[]> {
  const labelSelector = 'endpointslice.kubernetes.io/managed-by=pitstop.dev';
  return kube.list<EndpointSlice>('endpointslices', { namespace, labelSelector });
}

function serviceOf(kube: Kube, namespace: string, name = 'web'): Promise<Service | undefined> {
  return kube.get<Service>({ resource: 'services', namespace, name });
}

async function readsAsBefore(kube: Kube, namespace: string, before: unknown): Promise<void> {
  await until('the world to read as before', async () => {
    expect(await readWorld(kube, namespace)).toEqual(before);
    return true;
  });
}

/** What a stand-in would write over the controllers' own work, if nobody were out. */
async function standInWrites(
  kube: Kube,
  key: { readonly namespace: string; readonly name: string },
): Promise<Record<string, unknown>> {
  const selector = { app: 'web' };
  const { signal } = new AbortController();
  const picture = await readPicture(kube, key, { selector, signal });
  const zones = await new Zones(kube).of(picture.pods, picture.slices);
  const { service, endpoints } = picture;
  if (!service || !endpoints) throw new Error(`service ${key.name} is not there yet`);
  const { selector: _, ...spec } = service.spec ?? {};
  const annotations = { [recordAnnotation]: encodeServiceRecord({ selector, sessions: [] }) };
  const writes = nextWrites(
    { ...picture, service: { ...service, spec, metadata: { ...service.metadata, annotations } } },
    zones,
  );
  return {
    creates: writes?.creates,
    patches: writes?.patches,
    deletes: writes?.deletes,
    // Only the label that keeps them from being mirrored is still to be set.
    endpoints: subsetsKey(writes?.endpoints?.subsets) === subsetsKey(endpoints.subsets),
  };
}

describe.concurrent('route selector', () => {
  it('takes the Pod out of every slice and the Endpoints, and leaves the world as it was', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploySmallApp(kube, { namespace: 'sel-one', replicas: 3 });
    const [out = '', ...others] = pods;
    const before = await readWorld(kube, namespace);

    const isolated = await isolatePod(world.user, { target: out, namespace, route, settleMs: 50 });

    expect(isolated.status).toMatchObject({ phase: 'Isolated', route: { name: 'selector' } });
    expect(isolated.status.warnings).toContainEqual(expect.stringContaining('frozen'));
    const service = await serviceOf(kube, namespace);
    expect(service?.spec?.selector).toBeUndefined();
    expect(JSON.parse(service?.metadata?.annotations?.[recordAnnotation] ?? '')).toMatchObject({
      selector: { app: 'web' },
      sessions: [{ id: isolated.metadata.name, pod: out }],
    });
    await listsExactly(kube, namespace, others);

    const [restored] = await restorePods(world.user, { namespace, pod: out });

    expect(restored?.status.error).toBeUndefined();
    expect(restored?.status.restoration?.slices).toHaveLength(1);
    await readsAsBefore(kube, namespace, before);
  });

  it("follows the siblings' births, deaths and readiness, and the Service's ports", async () => {
    const { kube } = world;
    const { namespace, pods } = await deploySmallApp(kube, {
      namespace: 'sel-follow',
      replicas: 3,
      change: ({ deployment, service }) => {
        service.spec = { ...service.spec, ports: [{ name: 'http', port: 80, targetPort: 'http' }] };
        const [container] = deployment.spec?.template.spec?.containers ?? [];
        if (container) {
          container.readinessProbe = {
            exec: { command: ['sh', '-c', 'test ! -e /tmp/unready'] },
            periodSeconds: 1,
            failureThreshold: 1,
          };
        }
      },
    });
    const [out = '', victim = '', moody = ''] = pods;
    const session = await startHeldSession(world.user, { namespace, route, pod: out });
    await listsExactly(kube, namespace, [victim, moody]);

    await kube.delete({ resource: 'pods', namespace, name: victim });
    const born = await until('the replacement', async () => {
      const all = await kube.list<Pod>('pods', { namespace });
      return all.find(({ metadata }) => !pods.includes(metadata?.name ?? ''))?.metadata?.name;
    });
    await listsExactly(kube, namespace, [moody, born]);

    const exec = { namespace, pod: moody, container: 'web' };
    await kube.execText({ ...exec, command: ['touch', '/tmp/unready'] });
    await listsExactly(kube, namespace, [born]);
    await kube.execText({ ...exec, command: ['rm', '/tmp/unready'] });
    await listsExactly(kube, namespace, [moody, born]);

    // Another number behind the port's name: the controller would make a slice for it.
    await kube.create<Pod>('pods', {
      metadata: { name: 'odd', namespace, labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'web',
            image: 'host',
            command: ['sleep', '1000'],
            ports: [{ name: 'http', containerPort: 7070 }],
          },
        ],
      },
    });
    await listsExactly(kube, namespace, [moody, born, 'odd']);
    expect(await ownSlices(kube, namespace)).toMatchObject([{ ports: [{ port: 7070 }] }]);

    const service = { resource: 'services', namespace, name: 'web' } as const;
    const ports = [{ name: 'http', port: 80, targetPort: 9090 }];
    await kube.patch(service, { spec: { ports } }, { type: 'merge' });
    await until('the new port in the slices and the Endpoints', async () => {
      const slices = await kube.list<EndpointSlice>('endpointslices', { namespace });
      const endpoints = await kube.get<Endpoints>({ ...service, resource: 'endpoints' });
      expect(new Set(slices.map((slice) => slice.ports?.[0]?.port))).toEqual(new Set([9090]));
      expect(endpoints?.subsets?.[0]?.ports?.[0]?.port).toBe(9090);
      return true;
    });
    await kube.patch(
      service,
      { spec: { ports: [{ ...ports[0], targetPort: 'http' }] } },
      { type: 'merge' },
    );
    await until('the odd one in a slice of its own again', async () => {
      const own = await ownSlices(kube, namespace);
      return own.length === 1 && own[0]?.ports?.[0]?.port === 7070;
    });
    await listsExactly(kube, namespace, [moody, born, 'odd']);

    await session.goOn();
    const done = await session.done;
    expect(done.status.error).toBeUndefined();
    expect(done.status.warnings).toEqual([]);
    await listsExactly(kube, namespace, [out, moody, born, 'odd']);
    expect(await ownSlices(kube, namespace)).toEqual([]);
  });

  it('lets two Pods share a Service; the last to come home puts the selector back', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploySmallApp(kube, { namespace: 'sel-two', replicas: 3 });
    const [one = '', two = '', three = ''] = pods;
    const before = await readWorld(kube, namespace);
    const request = { namespace, route, settleMs: 50 };
    await isolatePod(world.user, { ...request, target: one });
    const running = await startHeldSession(world.user, { namespace, route, pod: two });
    await listsExactly(kube, namespace, [three]);

    await restorePods(world.user, { namespace, pod: one });
    await listsExactly(kube, namespace, [one, three]);
    expect((await serviceOf(kube, namespace))?.spec?.selector).toBeUndefined();

    await isolatePod(world.user, { ...request, target: one });
    await running.goOn();
    expect((await running.done).status.error).toBeUndefined();
    // No process stands in for the first one: the second has seen to its own return.
    await listsExactly(kube, namespace, [two, three]);

    await restorePods(world.user, { namespace, all: true });
    await readsAsBefore(kube, namespace, before);
  });

  it('lists what the controllers list, had the Service its selector', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploySmallApp(kube, {
      namespace: 'sel-agree',
      replicas: 3,
      change: ({ deployment }) => {
        const [container] = deployment.spec?.template.spec?.containers ?? [];
        if (container)
          container.readinessProbe = { exec: { command: ['test', '!', '-e', '/tmp/x'] } };
      },
    });
    const specs: Record<string, Service['spec']> = {
      named: {
        ports: [
          { name: 'a', port: 80, targetPort: 'http' },
          { name: 'b', port: 81 },
        ],
      },
      unresolved: { ports: [{ port: 80, targetPort: 'nowhere' }] },
      headless: { clusterIP: 'None' },
      publishing: { publishNotReadyAddresses: true, ports: [{ port: 80 }] },
      near: { ports: [{ port: 80 }], ...({ trafficDistribution: 'PreferClose' } as object) },
    };
    for (const [name, spec] of Object.entries(specs)) {
      const selector = { app: 'web' };
      await kube.create<Service>('services', {
        metadata: { name, namespace },
        spec: { ...spec, selector },
      });
    }
    const exec = { namespace, pod: pods[1] ?? '', container: 'web' };
    await kube.execText({ ...exec, command: ['touch', '/tmp/x'] });
    for (const name of ['web', ...Object.keys(specs)]) {
      await until(`the stand-in to have nothing to write for ${name}`, async () => {
        expect(await standInWrites(kube, { namespace, name })).toEqual({
          creates: [],
          patches: [],
          deletes: [],
          endpoints: true,
        });
        return true;
      });
    }
  });

  it('is put right after kill -9, also when the Pod is gone by then', async () => {
    const { kube, kubeconfigPath } = world;
    const { namespace, pods } = await deploySmallApp(kube, { namespace: 'sel-kill', replicas: 3 });
    const [first = '', second = '', third = ''] = pods;
    const before = await readWorld(kube, namespace);
    const kill = async (pod: string) => {
      let rest = '';
      const { child, done } = startPitstop(
        `run ${pod} -n ${namespace} --route=selector --progress=json --settle=50ms -O - -- sleep 100`.split(
          ' ',
        ),
        {
          kubeconfig: kubeconfigPath,
          onStderr: (text) => {
            const lines = (rest + text).split('\n');
            rest = lines.pop() ?? '';
            if (lines.some((line) => /"step-started".*"step":"diagnose"/.test(line))) {
              child.kill('SIGKILL');
            }
          },
        },
      );
      expect((await done).signal).toBe('SIGKILL');
    };

    await kill(first);
    await listsExactly(kube, namespace, [second, third]);
    await restorePods(world.user, { namespace, pod: first });
    await readsAsBefore(kube, namespace, before);

    await kill(first);
    await kube.patch(
      { resource: 'pods', namespace, name: first },
      { metadata: { annotations: { [recordAnnotation]: null } } },
      { type: 'merge' },
    );
    await restorePods(world.user, { namespace, pod: first });
    await readsAsBefore(kube, namespace, before);

    await kill(first);
    await kube.delete({ resource: 'pods', namespace, name: first });
    const [restored] = await restorePods(world.user, { namespace, pod: first });
    expect(restored?.status.podOut).toBe(false);
    const service = await serviceOf(kube, namespace);
    expect(service?.spec?.selector).toEqual({ app: 'web' });
    expect(service?.metadata?.annotations ?? {}).not.toHaveProperty([recordAnnotation]);
  });

  it('comes home before the work when somebody puts the selector back within seconds', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploySmallApp(kube, { namespace: 'sel-revert' });
    const before = await readWorld(kube, namespace);
    let worked = false;

    const session = await runSession(
      world.user,
      { target: pods[0] ?? '', namespace, route, settleMs: 3_000, output: '-', command: ['true'] },
      {
        onEvent: (event) => {
          if (event.type === 'step-started' && event.step === 'diagnose') worked = true;
          if (event.type !== 'step-progress' || !event.message.includes('sockets')) return;
          if (event.step !== 'isolate') return;
          void kube.patch(
            { resource: 'services', namespace, name: 'web' },
            { spec: { selector: { app: 'web' } } },
            { type: 'merge' },
          );
        },
      },
    );

    expect(session.status).toMatchObject({ podOut: false, error: { code: 'drift' } });
    expect(worked).toBe(false);
    await readsAsBefore(kube, namespace, before);
  });

  it('says so when somebody puts the selector back during the work, and comes home all the same', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploySmallApp(kube, { namespace: 'sel-gitops' });
    const before = await readWorld(kube, namespace);
    const session = await startHeldSession(world.user, { namespace, route, pod: pods[0] ?? '' });

    await kube.patch(
      { resource: 'services', namespace, name: 'web' },
      { spec: { selector: { app: 'web' } } },
      { type: 'merge' },
    );
    await until('the drift to be reported', async () =>
      session.events.some(
        (event) => event.type === 'warning' && /selector again|lists pod/.test(event.message),
      ),
    );

    await session.goOn();
    expect((await session.done).status.podOut).toBe(false);
    await readsAsBefore(kube, namespace, before);
  });

  it('puts the Services right when the Pod goes during the session, or a Service does', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploySmallApp(kube, { namespace: 'sel-gone', replicas: 3 });
    const second: Service = {
      metadata: { name: 'second', namespace },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    };
    await kube.create('services', second);
    await until('service/second to list all', async () => {
      return (await readListed(kube, namespace, 'second')).slices.length === 3;
    });
    const [one = '', two = ''] = pods;
    const session = await startHeldSession(world.user, { namespace, route, pod: one });
    await kube.delete({ resource: 'services', namespace, name: 'second' });
    await session.goOn();
    const done = await session.done;
    expect(done.status.error).toBeUndefined();
    expect(done.status.warnings).toContainEqual(expect.stringContaining('service/second'));

    const next = await startHeldSession(world.user, { namespace, route, pod: two });
    await kube.delete({ resource: 'pods', namespace, name: two });
    expect((await next.done).status).toMatchObject({ podOut: false, error: { code: 'pod-gone' } });
    const service = await serviceOf(kube, namespace);
    expect(service?.spec?.selector).toEqual({ app: 'web' });
    expect(service?.metadata?.annotations ?? {}).not.toHaveProperty([recordAnnotation]);
  });
});
