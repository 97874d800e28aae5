import { describe, expect, it } from 'vitest';
import { describeCost } from './cost.ts';
import { diagnose } from './diagnose.ts';
import type { Finding } from './finding.ts';
import {
  byController,
  byMirroring,
  sampleEndpoints,
  sampleEntry,
  sampleEnvironment,
  sampleNow,
  samplePod,
  sampleReplicaSet,
  sampleService,
  sampleSlice,
  sampleWorld,
} from './sample-world.ts';
import type { Environment, NamespaceWorld } from './world.ts';

const names = (findings: readonly Finding[]) => findings.map(({ name }) => name);
const inNamespace = (parts: Partial<NamespaceWorld>) => diagnose(sampleWorld(parts));
const inEnvironment = (parts: Partial<Environment>) =>
  diagnose(sampleWorld({}, { environment: { ...sampleEnvironment, ...parts } }));
const costs = ([first]: readonly Finding[]) => describeCost(first?.cost ?? []);

const a = samplePod('web-7d-a', '10.0.0.1');
const b = samplePod('web-7d-b', '10.0.0.2');
const c = samplePod('web-7d-c', '10.0.0.3');

function annotated(pod: typeof a, annotations: Record<string, string>): typeof a {
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

function record(more: object = {}): string {
  const startedAt = new Date(sampleNow - 3_600_000).toISOString();
  return JSON.stringify({
    id: 'abcd1234',
    by: 'jane (jane@laptop)',
    startedAt,
    renewedAt: startedAt,
    leaseSeconds: 60,
    route: 'label',
    phase: 'out',
    labels: { traffic: 'on' },
    deletionCost: null,
    services: ['web'],
    ports: [8080],
    container: 'web',
    diagnostic: 'none',
    ...more,
  });
}

it('finds nothing where nothing is wrong', () => {
  expect(diagnose(sampleWorld())).toEqual([]);
});

describe('a Service that lost its selector', () => {
  const services = [sampleService(undefined)];
  const slices = [
    sampleSlice('web-s1', byController, [
      sampleEntry('10.0.0.1', 'web-7d-a'),
      sampleEntry('10.0.0.2', 'web-7d-b'),
    ]),
    sampleSlice('web-s2', byMirroring, [sampleEntry('10.0.0.2', 'web-7d-b')]),
  ];
  const endpoints = [sampleEndpoints('10.0.0.2')];

  it('costs nothing yet, while all that its slices list is alive', () => {
    const [finding, ...others] = inNamespace({ services, slices, endpoints });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      name: 'selector-removed',
      severity: 'error',
      object: 'service/web',
      message: expect.stringContaining('nothing is lost yet'),
      details: [
        'kubectl get endpoints does not show 10.0.0.1 any more, but pod/web-7d-a gets its share of the traffic as before: web-s1 lists it',
      ],
    });
    expect(finding?.repair?.writes).toEqual([
      {
        verb: 'patch',
        reference: { resource: 'services', namespace: 'shop', name: 'web' },
        type: 'merge',
        patch: {
          metadata: { uid: 'uid-svc', resourceVersion: '9' },
          spec: { selector: { app: 'web' } },
        },
      },
    ]);
  });

  it('loses the share of a Pod that died, and gives nothing to the one in its place', () => {
    const found = inNamespace({ services, slices, endpoints, pods: [b, c] });
    expect(names(found)).toEqual(['selector-removed']);
    expect(found[0]?.details).toEqual([
      'web-s1 lists 10.0.0.1 as ready, but pod/web-7d-a is gone',
      'pod/web-7d-c is Ready, but no slice lists it: it gets no traffic',
    ]);
    expect(costs(found)).toEqual(['30 of 60 requests to port 80 (http) would fail']);
  });

  it('fails wholly when all its Pods were replaced, and is still told from their templates', () => {
    const found = inNamespace({ services, slices, endpoints, pods: [c] });
    expect(costs(found)).toEqual(['60 of 60 requests to port 80 (http) would fail']);
    expect(found[0]?.repair?.description).toContain('put the selector app=web back');
  });

  it('sends requests astray when the address belongs to another Pod by now', () => {
    const other = samplePod('mail-0', '10.0.0.1', { labels: { app: 'mail' }, owned: false });
    const found = inNamespace({ services, slices, endpoints, pods: [b, other] });
    expect(costs(found)).toEqual([
      '30 of 60 requests to port 80 (http) would reach a Pod of something else',
    ]);
  });

  it('gets back what kubectl applied last, if the Pods that are listed fit it', () => {
    const applied = sampleService(undefined);
    applied.metadata = {
      ...applied.metadata,
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
          spec: { selector: { app: 'web', 'pod-template-hash': '7d' } },
        }),
      },
    };
    const [finding] = inNamespace({ services: [applied], slices, endpoints });
    expect(finding?.repair?.description).toBe(
      'put the selector app=web,pod-template-hash=7d back (as kubectl applied it last)',
    );
  });

  it('is left to a person when what its Pods have in common would select others too', () => {
    const stranger = samplePod('mail-0', '10.0.0.9', { labels: { app: 'web' }, owned: false });
    const [finding] = inNamespace({ services, slices, endpoints, pods: [a, b, stranger] });
    expect(finding?.repair).toBeUndefined();
    expect(finding?.hint).toContain('kubectl set selector service web -n shop KEY=VALUE');
  });

  it('is one, also when its slices were deleted by hand', () => {
    const made = sampleEndpoints('10.0.0.2');
    made.metadata = {
      ...made.metadata,
      labels: { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    };
    const found = inNamespace({ services, slices: slices.slice(1), endpoints: [made] });
    expect(names(found)).toEqual(['selector-removed']);
  });

  it('is none when a session holds the selector, or it never had one', () => {
    expect(inNamespace({ services, slices: [], endpoints: [] })).toEqual([]);
    const held = sampleService(undefined);
    const sessions = [
      { id: 'abcd1234', pod: 'web-7d-a', podUid: 'uid-web-7d-a', by: 'jane', startedAt: 'now' },
    ];
    held.metadata = {
      ...held.metadata,
      annotations: {
        'pitstop.dev/session': JSON.stringify({ selector: { app: 'web' }, sessions }),
      },
    };
    const out = annotated(a, {
      'pitstop.dev/session': record({ deadline: new Date(sampleNow + 60_000).toISOString() }),
    });
    expect(inNamespace({ services: [held], slices, endpoints, pods: [out, b] })).toEqual([]);
  });

  it('is brought back by the record of a session that is over, whose Pod is gone or has none', () => {
    const held = sampleService(undefined);
    const sessions = [
      { id: 'abcd1234', pod: 'web-7d-a', podUid: 'uid-web-7d-a', by: 'jane', startedAt: 'now' },
    ];
    const annotation = JSON.stringify({ selector: { app: 'web' }, sessions });
    held.metadata = { ...held.metadata, annotations: { 'pitstop.dev/session': annotation } };
    const found = { name: 'record-orphaned', object: 'service/web' };
    expect(inNamespace({ services: [held], slices, endpoints, pods: [b] })).toMatchObject([
      { ...found, repair: { writes: [], restore: { pod: 'web-7d-a', onlyIfExpired: false } } },
    ]);
    expect(inNamespace({ services: [held], slices, endpoints, pods: [a, b] })).toMatchObject([
      { ...found, repair: { writes: [{ patch: { spec: { selector: { app: 'web' } } } }] } },
    ]);
  });
});

it('takes away the record of an entry whose Pod is gone, and leaves one whose Pod is there', () => {
  const removed = [{ index: 0, entry: { addresses: ['10.0.0.1'] }, addresses: ['10.0.0.1'] }];
  const foreign = sampleSlice('by-hand', undefined, [sampleEntry('192.168.0.1')]);
  const withRecord = (podUid: string) => ({
    ...foreign,
    metadata: {
      ...foreign.metadata,
      annotations: {
        'pitstop.dev/session': JSON.stringify({
          sessions: [
            { id: 'abcd1234', pod: 'web-x', podUid, by: 'jane', startedAt: 'now', removed },
          ],
        }),
      },
    },
  });
  const own = sampleSlice('web-s1', byController, [
    sampleEntry('10.0.0.1', 'web-7d-a'),
    sampleEntry('10.0.0.2', 'web-7d-b'),
  ]);
  const [gone] = inNamespace({ slices: [own, withRecord('uid-gone')] });
  expect(gone).toMatchObject({
    name: 'record-orphaned',
    repair: { writes: [{ patch: { metadata: { annotations: { 'pitstop.dev/session': null } } } }] },
  });
  const [there] = inNamespace({ slices: [own, withRecord('uid-web-7d-a')] });
  expect(there?.repair).toBeUndefined();
  expect(there?.hint).toContain('put the entry back by hand');
});

describe('slices beside those of the selector', () => {
  const own = sampleSlice('web-s1', byController, [
    sampleEntry('10.0.0.1', 'web-7d-a'),
    sampleEntry('10.0.0.2', 'web-7d-b'),
  ]);

  it('a mirrored one is left over: it is deleted', () => {
    const slices = [own, sampleSlice('web-s2', byMirroring, [sampleEntry('10.0.0.9', 'gone')])];
    const found = inNamespace({ slices });
    expect(found).toMatchObject([
      { name: 'mirrored-leftover', object: 'endpointslice/web-s2', passing: true },
    ]);
    expect(costs(found)).toEqual(['20 of 60 requests to port 80 (http) would fail']);
    expect(found[0]?.repair?.writes).toEqual([
      {
        verb: 'delete',
        reference: { resource: 'endpointslices', namespace: 'shop', name: 'web-s2' },
        uid: 'uid-web-s2',
        resourceVersion: '8',
      },
    ]);
  });

  it('one made by hand keeps what is alive and unknown, and loses what is dead or listed twice', () => {
    const foreign = sampleSlice('by-hand', undefined, [
      sampleEntry('192.168.0.1'),
      sampleEntry('10.0.0.9', 'gone'),
      sampleEntry('10.0.0.1', 'web-7d-a'),
    ]);
    const found = inNamespace({ slices: [own, foreign] });
    expect(found).toMatchObject([{ name: 'foreign-slice', severity: 'error' }]);
    expect(costs(found)).toEqual(['15 of 60 requests to port 80 (http) would fail']);
    expect(found[0]?.repair?.writes).toMatchObject([
      {
        type: 'json',
        patch: [
          { op: 'test', path: '/metadata/uid' },
          { op: 'test', path: '/metadata/resourceVersion', value: '8' },
          { op: 'remove', path: '/endpoints/2' },
          { op: 'remove', path: '/endpoints/1' },
        ],
      },
    ]);
  });

  it('one of another controller is told, and left to that', () => {
    const foreign = sampleSlice('theirs', 'mesh.example.com', [sampleEntry('10.0.0.9', 'gone')]);
    const [finding] = inNamespace({ slices: [own, foreign] });
    expect(finding?.repair).toBeUndefined();
    expect(finding?.hint).toContain('mesh.example.com would write it again');
  });

  it('one with hosts outside the cluster is nobody’s business', () => {
    const foreign = sampleSlice('outside', undefined, [sampleEntry('192.168.0.1')]);
    expect(inNamespace({ slices: [own, foreign] })).toEqual([]);
  });
});

describe('a Service kept by hand', () => {
  const services = [sampleService(undefined)];

  it('loses the entries of Pods that are gone', () => {
    const slices = [
      sampleSlice('by-hand', undefined, [
        sampleEntry('192.168.0.1'),
        sampleEntry('10.0.0.9', 'gone'),
      ]),
    ];
    const found = inNamespace({ services, slices, endpoints: [] });
    expect(names(found)).toEqual(['dead-address']);
    expect(costs(found)).toEqual(['30 of 60 requests to port 80 (http) would fail']);
  });

  it('loses them in the Endpoints where its slices are mirrored from those', () => {
    const mirrored = sampleSlice('web-s2', byMirroring, [sampleEntry('10.0.0.9', 'gone')]);
    mirrored.metadata = {
      ...mirrored.metadata,
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Endpoints', name: 'web', uid: 'uid-ep', controller: true },
      ],
    };
    const both = inNamespace({
      services,
      slices: [mirrored],
      endpoints: [sampleEndpoints('10.0.0.9', '10.0.0.1')],
    });
    expect(both[0]?.repair?.writes).toMatchObject([
      { reference: { resource: 'endpoints' }, patch: [{}, {}, { path: '/subsets/0/addresses/0' }] },
    ]);
    const alone = inNamespace({
      services,
      slices: [mirrored],
      endpoints: [sampleEndpoints('10.0.0.9')],
    });
    expect(alone[0]?.repair?.writes).toMatchObject([{ patch: [{}, {}, { path: '/subsets/0' }] }]);
  });
});

it('tells Endpoints edited under a selector, and that nothing came of it', () => {
  const found = inNamespace({ endpoints: [sampleEndpoints('10.0.0.2', '10.9.9.9')] });
  expect(found).toMatchObject([
    {
      name: 'endpoints-edited',
      severity: 'warning',
      passing: true,
      details: [
        '10.0.0.1 was taken out here, and still gets traffic',
        '10.9.9.9 was put in here, and gets no traffic',
      ],
    },
  ]);
  expect(found[0]?.repair?.writes).toHaveLength(2);
});

it('tells slices that nobody keeps up to date', () => {
  const found = inNamespace({ pods: [b, c] });
  expect(found).toMatchObject([
    {
      name: 'stale-slice',
      details: [
        'web-s1 lists 10.0.0.1, but pod/web-7d-a is gone',
        'pod/web-7d-c matches the selector and is Ready, but is not listed',
      ],
    },
  ]);
});

describe('sessions', () => {
  const held = (more: object) => [annotated(a, { 'pitstop.dev/session': record(more) }), b];
  const inSeconds = (seconds: number) => new Date(sampleNow + seconds * 1000).toISOString();

  it('one whose deadline is over is brought home', () => {
    expect(inNamespace({ pods: held({ deadline: inSeconds(-60) }) })).toMatchObject([
      {
        name: 'session-expired',
        object: 'pod/web-7d-a',
        message: expect.stringContaining('60 s ago'),
        repair: { writes: [], restore: { pod: 'web-7d-a', onlyIfExpired: false } },
      },
    ]);
  });

  it('one that is silent is watched first', () => {
    expect(inNamespace({ pods: held({ renewedAt: inSeconds(-600) }) })).toMatchObject([
      { name: 'session-silent', severity: 'warning', repair: { restore: { onlyIfExpired: true } } },
    ]);
  });

  it('one that lives, or whose deadline is to come, is none of the doctor’s business', () => {
    expect(inNamespace({ pods: held({ renewedAt: inSeconds(-15) }) })).toEqual([]);
    expect(inNamespace({ pods: held({ deadline: inSeconds(60) }) })).toEqual([]);
  });

  it('one whose record cannot be read is left to a person', () => {
    const pods = [annotated(a, { 'pitstop.dev/session': '{"id":1}' }), b];
    const [finding] = inNamespace({ pods });
    expect(finding).toMatchObject({ name: 'record-unreadable', severity: 'error' });
    expect(finding?.repair).toBeUndefined();
  });

  it('a mark on a replacement goes with its session', () => {
    const mark = JSON.stringify({ id: 'abcd1234', cost: '5' });
    const marked = annotated(b, {
      'pitstop.dev/replacement': mark,
      'controller.kubernetes.io/pod-deletion-cost': '-2147483648',
    });
    expect(
      inNamespace({ pods: [...held({ renewedAt: inSeconds(0) }).slice(0, 1), marked] }),
    ).toEqual([]);
    expect(inNamespace({ pods: [a, marked] })).toMatchObject([
      {
        name: 'deletion-cost',
        repair: {
          description: 'set its deletion cost back to 5 and the mark',
          writes: [
            {
              patch: {
                metadata: {
                  annotations: {
                    'controller.kubernetes.io/pod-deletion-cost': '5',
                    'pitstop.dev/replacement': null,
                  },
                },
              },
            },
          ],
        },
      },
    ]);
  });

  it('what one has left in a container is named', () => {
    const files = [
      {
        namespace: 'shop',
        pod: 'web-7d-a',
        container: 'web',
        path: '/tmp/pitstop-abcd1234',
        sizeBytes: 3 * 2 ** 20,
      },
    ];
    expect(diagnose(sampleWorld({}, { files }))).toMatchObject([
      { name: 'session-files', message: expect.stringContaining('3.0 MiB') },
    ]);
    const pods = held({ deadline: inSeconds(60) });
    expect(diagnose(sampleWorld({ pods }, { files }))).toEqual([]);
  });
});

describe('Pods that a person forgot', () => {
  it('a relabelled one names its owner, and the label', () => {
    const lost = samplePod('web-7d-a', '10.0.0.1', {
      labels: { app: 'quarantine', 'pod-template-hash': '7d' },
      owned: false,
    });
    const slices = [sampleSlice('web-s1', byController, [sampleEntry('10.0.0.2', 'web-7d-b')])];
    const [finding, ...others] = inNamespace({
      pods: [lost, b],
      slices,
      endpoints: [sampleEndpoints('10.0.0.2')],
    });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      name: 'orphaned-pod',
      message: 'replicaset/web-7d made it and has let it go: its label app is quarantine, not web',
      hint: expect.stringContaining('kubectl label pod web-7d-a -n shop --overwrite app=web'),
    });
    const unwanted = { ...sampleReplicaSet, spec: { ...sampleReplicaSet.spec!, replicas: 0 } };
    const [later] = inNamespace({
      pods: [lost, b],
      slices,
      endpoints: [sampleEndpoints('10.0.0.2')],
      replicaSets: [unwanted],
    });
    expect(later?.hint).toMatch(/^when nothing in it is needed any more: kubectl delete pod/);
  });

  it('a member of a StatefulSet is missed there until it is labelled back', () => {
    const lost = samplePod('db-1', '10.0.0.9', {
      labels: { app: 'quarantine', 'statefulset.kubernetes.io/pod-name': 'db-1' },
      owned: false,
    });
    const [finding] = inNamespace({
      pods: [a, b, { ...lost, metadata: { ...lost.metadata, generateName: 'db-' } }],
      statefulSets: [
        {
          metadata: { name: 'db', namespace: 'shop' },
          spec: {
            replicas: 2,
            serviceName: 'db',
            selector: { matchLabels: { app: 'db' } },
            template: {},
          },
        },
      ],
    });
    expect(finding).toMatchObject({
      name: 'orphaned-pod',
      message: expect.stringMatching(/^statefulset\/db made it/),
    });
  });

  it('an extreme deletion cost is told; one that weighs is not', () => {
    const key = 'controller.kubernetes.io/pod-deletion-cost';
    expect(names(inNamespace({ pods: [annotated(a, { [key]: '2147483647' }), b] }))).toEqual([
      'deletion-cost',
    ]);
    expect(inNamespace({ pods: [annotated(a, { [key]: '100' }), b] })).toEqual([]);
  });

  it('a shut gate of ours is opened, if no session holds it', () => {
    const gated = {
      ...a,
      spec: {
        containers: a.spec?.containers ?? [],
        readinessGates: [{ conditionType: 'pitstop.dev/in-service' }],
      },
      status: {
        ...a.status,
        conditions: [
          { type: 'Ready', status: 'False' },
          { type: 'pitstop.dev/in-service', status: 'False' },
        ],
      },
    };
    const slices = [sampleSlice('web-s1', byController, [sampleEntry('10.0.0.2', 'web-7d-b')])];
    const world = { slices, endpoints: [sampleEndpoints('10.0.0.2')] };
    expect(inNamespace({ ...world, pods: [gated, b] })).toMatchObject([
      {
        name: 'gate-held',
        repair: {
          writes: [
            {
              subresource: 'status',
              patch: [
                {},
                {},
                { op: 'test', path: '/status/conditions/1/type' },
                { op: 'replace', path: '/status/conditions/1/status', value: 'True' },
              ],
            },
          ],
        },
      },
    ]);
    const deadline = new Date(sampleNow + 60_000).toISOString();
    const held = annotated(gated, { 'pitstop.dev/session': record({ route: 'gate', deadline }) });
    expect(inNamespace({ ...world, pods: [held, b] })).toEqual([]);
  });

  it('a helper that still runs is told, and never to be ended by PID', () => {
    const helped = {
      ...a,
      status: {
        ...a.status,
        ephemeralContainerStatuses: [
          {
            name: 'debugger-x7k2p',
            image: 'busybox',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { running: { startedAt: '2026-11-23T10:00:00Z' } },
          },
        ],
      },
    };
    expect(inNamespace({ pods: [helped, b] })).toMatchObject([
      { name: 'helper-running', hint: expect.stringContaining('never PID 1') },
    ]);
  });
});

describe('the environment', () => {
  it.each([
    ['node-version', { nodeVersion: 'v22.4.0' }],
    ['kubectl-missing', { kubectl: undefined, plugin: undefined }],
    ['plugin-missing', { plugin: undefined }],
    ['server-version', { serverVersion: { major: 1, minor: 26, gitVersion: 'v1.26.3' } }],
    ['server-version', { serverVersion: { major: NaN, minor: NaN, gitVersion: '' } }],
    ['clock-skew', { clockSkewMs: -3_600_000 }],
    ['api-missing', { apis: { ...sampleEnvironment.apis, 'events.k8s.io/v1': undefined } }],
  ])('tells %s', (name, change) => {
    expect(names(inEnvironment(change))).toEqual([name]);
  });

  it('tells what permissions keep from working', () => {
    const rules = [
      { group: '', resource: 'pods/exec', verb: 'get' },
      { group: '', resource: 'pods/exec', verb: 'create' },
    ];
    const lacking = [{ task: 'diagnostics', isNeeded: true, rules }];
    expect(
      inEnvironment({ rights: { user: 'jane', namespace: 'shop', lacking, pities: [] } }),
    ).toMatchObject([
      {
        name: 'rbac',
        severity: 'warning',
        object: 'user/jane',
        message: 'may not get, create pods/exec in namespace shop: diagnostics would refuse',
      },
    ]);
  });

  it('tells what it could not look at', () => {
    const notListed = [{ resource: 'replicasets' as const, message: 'forbidden' }];
    expect(diagnose(sampleWorld({}, { notListed }))).toMatchObject([
      { name: 'not-looked-at', severity: 'note' },
    ]);
  });
});
