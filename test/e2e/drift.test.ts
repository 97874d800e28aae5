import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { describe, expect, it } from 'vitest';
import { runSession, type Session, type SessionEvent } from '../../src/engine/index.ts';
import type { SessionRequest } from '../../src/engine/plan/request.ts';
import { useCluster } from '../support/cluster.ts';
import { deployWorkload, type OwnerKind, type Means } from '../support/workload.ts';
import { awaitWorld } from '../support/world-difference.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
const record = 'pitstop.dev/session';

interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly before: Readonly<Record<string, unknown>>;
}

async function deploy(
  wanted: string,
  options: { readonly owner?: OwnerKind; readonly means?: Means } = {},
): Promise<Place> {
  const { owner = 'Deployment', means = { trafficLabel: true } } = options;
  const { namespace, pods } = await deployWorkload(world.kube, { namespace: wanted, owner, means });
  return { namespace, pod: pods[0] ?? '', before: await readWorld(world.kube, namespace) };
}

/** Before the work the Pod is out, and not proven so until the drift is noticed; then the work lasts until it is. */
const moments = {
  'before the work': (event: SessionEvent) => event.type === 'pod-out',
  'during the work': (event: SessionEvent) =>
    event.type === 'step-progress' && event.step === 'diagnose',
};
type Moment = keyof typeof moments;
const both = Object.keys(moments) as Moment[];

/** A session to which something happens at a moment of its life. */
async function run(
  { namespace, pod }: Place,
  options: {
    readonly route?: SessionRequest['route'];
    readonly moment: Moment;
    readonly happens: () => Promise<unknown>;
  },
): Promise<Session> {
  const { route, moment, happens } = options;
  const before = moment === 'before the work';
  let happening: Promise<unknown> | undefined;
  const goOn = async () => {
    const command = ['touch', '/tmp/go-on'];
    // Of a Pod that is gone there is nothing to go on with.
    await world.kube.execText({ namespace, pod, container: 'web', command }).catch(() => undefined);
  };
  const session = await runSession(
    world.user,
    {
      target: pod,
      namespace,
      route,
      command: ['sh', '-c', 'until [ -e /tmp/go-on ]; do sleep 0.1; done; echo evidence'],
      settleMs: before ? 60_000 : 50,
      restoreTimeoutMs: 60_000,
      output: '/tmp/',
    },
    {
      onEvent: (event) => {
        if (moments[moment](event)) happening ??= happens();
        if (!before && happening && event.type === 'warning') void goOn();
      },
    },
  );
  await happening;
  return session;
}

/** What a session says of itself after drift at that moment. */
function told({ status }: Session, moment: Moment): unknown {
  const { phase, podOut, error, artifact, warnings, steps } = status;
  const diagnose = steps.find(({ name }) => name === 'diagnose')?.state;
  const common = { phase, podOut, diagnose, artifact: artifact?.verified };
  return moment === 'before the work'
    ? { ...common, code: error?.code, said: [error?.message] }
    : { ...common, code: error?.code, said: warnings };
}

/** Nothing is begun that had not begun, and nothing is lost that had. */
function due(moment: Moment, said: RegExp): unknown {
  const saying = { said: expect.arrayContaining([expect.stringMatching(said)]) };
  return moment === 'before the work'
    ? { phase: 'Failed', podOut: false, diagnose: 'pending', code: 'drift', ...saying }
    : { phase: 'Succeeded', podOut: false, diagnose: 'done', artifact: true, ...saying };
}

const podRef = ({ namespace, pod }: Place) => ({ resource: 'pods', namespace, name: pod }) as const;

/** Applies what it keeps whenever it reads otherwise, half a second later, until it is disposed of. */
function startGitOps(
  reference: Parameters<typeof world.kube.get>[0],
  isKept: (object: Pod & Service) => boolean,
  patch: object,
): Disposable {
  const apply = async () => {
    const object = await world.kube.get<Pod & Service>(reference);
    if (object && !isKept(object)) await world.kube.patch(reference, patch, { type: 'merge' });
  };
  const timer = setInterval(() => {
    void apply();
  }, 500);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

describe.concurrent.each(both)('drift %s', (moment) => {
  const suffix = moment.slice(0, 2);

  it('GitOps puts a label of a bare Pod back', async () => {
    const place = await deploy(`label-${suffix}`, { owner: 'Pod' });
    const gitOps: Disposable[] = [];
    const session = await run(place, {
      route: 'label',
      moment,
      happens: async () => {
        const labels = { app: 'web', traffic: 'on' };
        const isKept = ({ metadata }: Pod) =>
          Object.keys(labels).every((key) => metadata?.labels?.[key] !== undefined);
        gitOps.push(startGitOps(podRef(place), isKept, { metadata: { labels } }));
      },
    });
    for (const each of gitOps) each[Symbol.dispose]();
    expect(told(session, moment)).toEqual(due(moment, /label \w+ was set again/));
    await awaitWorld(world.kube, place.namespace, place.before);
  });

  it("GitOps puts a Service's selector back", async () => {
    const place = await deploy(`selector-${suffix}`);
    const service = { resource: 'services', namespace: place.namespace, name: 'web' } as const;
    const gitOps: Disposable[] = [];
    const session = await run(place, {
      route: 'selector',
      moment,
      happens: async () => {
        const spec = { selector: { app: 'web', traffic: 'on' } };
        const isKept = (now: Service) => now.spec?.selector !== undefined;
        gitOps.push(startGitOps(service, isKept, { spec }));
      },
    });
    for (const each of gitOps) each[Symbol.dispose]();
    // The controller's slice may be seen before the Service.
    expect(told(session, moment)).toEqual(due(moment, /service\S* \S*web|service\/web/));
    await awaitWorld(world.kube, place.namespace, place.before);
  });

  it('a slice made by hand lists the Pod', async () => {
    const place = await deploy(`slice-${suffix}`);
    const { namespace } = place;
    const found = await world.kube.get<Pod>(podRef(place));
    const slice: EndpointSlice = {
      metadata: { name: 'by-hand', namespace, labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080 }],
      endpoints: [{ addresses: [found?.status?.podIP ?? ''] }],
    };
    const session = await run(place, {
      moment,
      happens: () => world.kube.create('endpointslices', slice),
    });
    expect(told(session, moment)).toEqual(
      due(moment, /endpointslice \S+\/by-hand of service web lists pod \S+ again/),
    );
    const now = await readWorld(world.kube, namespace);
    expect(now).toHaveProperty(['endpointslices/by-hand']);
    await world.kube.delete({ resource: 'endpointslices', namespace, name: 'by-hand' });
    await awaitWorld(world.kube, namespace, place.before);
  });

  it('the undo record is taken away, and nothing else', async () => {
    const place = await deploy(`record-${suffix}`, { means: {} });
    const session = await run(place, {
      moment,
      happens: () =>
        world.kube.patch(
          podRef(place),
          { metadata: { annotations: { [record]: null } } },
          { type: 'merge' },
        ),
    });
    expect(told(session, moment)).toEqual(due(moment, /the undo record (is gone|was taken away)/));
    await awaitWorld(world.kube, place.namespace, place.before);
  });

  it('its owner deletes the Pod: it is gone, and nothing is said to be out or verified', async () => {
    const place = await deploy(`owner-${suffix}`);
    const { namespace } = place;
    const deployment = { resource: 'deployments', namespace, name: 'web' } as const;
    const session = await run(place, {
      route: 'label',
      moment,
      happens: () => world.kube.patch(deployment, { spec: { replicas: 0 } }, { type: 'merge' }),
    });
    expect(session.status).toMatchObject({
      phase: 'Failed',
      podOut: false,
      error: { code: 'pod-gone' },
    });
    expect(session.status.artifact).toBeUndefined();
    expect(session.status.restoration).toBeUndefined();
  });
});
