import { describe, expect, it } from 'vitest';
import {
  byController,
  byMirroring,
  costsOf,
  diagnoseIn,
  namesOf,
  podA,
  podB,
  podC,
  sampleEndpoints,
  sampleEntry,
  sampleService,
  sampleSlice,
  sampleWorld,
} from '../sample-world.ts';
import { diagnose } from '../diagnose.ts';

describe('slices beside those of the selector', () => {
  const own = sampleSlice('web-s1', byController, [
    sampleEntry('10.0.0.1', 'web-7d-bbbbb'),
    sampleEntry('10.0.0.2', 'web-7d-ccccc'),
  ]);

  it('a mirrored one is left over: it is deleted', () => {
    const slices = [own, sampleSlice('web-s2', byMirroring, [sampleEntry('10.0.0.9', 'gone')])];
    const found = diagnoseIn({ slices });
    expect(found).toMatchObject([
      { name: 'mirrored-leftover', object: 'endpointslice/web-s2', passing: true },
    ]);
    expect(costsOf(found)).toEqual(['20 of 60 requests to port 80 (http) would fail']);
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
      sampleEntry('10.0.0.1', 'web-7d-bbbbb'),
    ]);
    const found = diagnoseIn({ slices: [own, foreign] });
    expect(found).toMatchObject([{ name: 'foreign-slice', severity: 'error' }]);
    expect(costsOf(found)).toEqual(['15 of 60 requests to port 80 (http) would fail']);
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

  it('one that a session of route selector has left is deleted, once the selector is back', () => {
    const entries = [sampleEntry('10.0.0.1', 'web-7d-bbbbb')];
    const left = sampleSlice('web-pitstop-ipv4-1', 'pitstop.dev', entries);
    expect(diagnoseIn({ slices: [own, left] })).toMatchObject([
      { name: 'foreign-slice', passing: true, repair: { writes: [{ verb: 'delete' }] } },
    ]);
    const service = sampleService(undefined);
    const sessions = [{ id: 'a', pod: 'p', podUid: 'u', by: 'jane', startedAt: 'now' }];
    const record = JSON.stringify({ selector: { app: 'web' }, sessions });
    service.metadata = { ...service.metadata, annotations: { 'pitstop.dev/session': record } };
    const found = diagnoseIn({ services: [service], slices: [own, left] });
    expect(namesOf(found)).not.toContain('foreign-slice');
  });

  it('one of another controller is told, and left to that', () => {
    const foreign = sampleSlice('theirs', 'mesh.example.com', [sampleEntry('10.0.0.9', 'gone')]);
    const [finding] = diagnoseIn({ slices: [own, foreign] });
    expect(finding?.repair).toBeUndefined();
    expect(finding?.hint).toContain('mesh.example.com would write it again');
  });

  it('one with hosts outside the cluster is nobody’s business', () => {
    const foreign = sampleSlice('outside', undefined, [sampleEntry('192.168.0.1')]);
    expect(diagnoseIn({ slices: [own, foreign] })).toEqual([]);
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
    const found = diagnoseIn({ services, slices, endpoints: [] });
    expect(namesOf(found)).toEqual(['dead-address']);
    expect(costsOf(found)).toEqual(['30 of 60 requests to port 80 (http) would fail']);
  });

  it('loses them in the Endpoints where its slices are mirrored from those', () => {
    const mirrored = sampleSlice('web-s2', byMirroring, [sampleEntry('10.0.0.9', 'gone')]);
    mirrored.metadata = {
      ...mirrored.metadata,
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Endpoints', name: 'web', uid: 'uid-ep', controller: true },
      ],
    };
    const both = diagnoseIn({
      services,
      slices: [mirrored],
      endpoints: [sampleEndpoints('10.0.0.9', '10.0.0.1')],
    });
    expect(both[0]?.repair?.writes).toMatchObject([
      { reference: { resource: 'endpoints' }, patch: [{}, {}, { path: '/subsets/0/addresses/0' }] },
    ]);
    const alone = diagnoseIn({
      services,
      slices: [mirrored],
      endpoints: [sampleEndpoints('10.0.0.9')],
    });
    expect(alone[0]?.repair?.writes).toMatchObject([{ patch: [{}, {}, { path: '/subsets/0' }] }]);
  });
});

it('tells Endpoints edited under a selector, and that nothing came of it', () => {
  const found = diagnoseIn({ endpoints: [sampleEndpoints('10.0.0.2', '10.9.9.9')] });
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
  const found = diagnoseIn({ pods: [podB, podC] });
  expect(found).toMatchObject([
    {
      name: 'stale-slice',
      details: [
        'web-s1 lists 10.0.0.1, but pod/web-7d-bbbbb is gone',
        'pod/web-7d-ddddd matches the selector and is Ready, but is not listed',
      ],
    },
  ]);
});

it('a slice of another namespace that lists a Pod is noted, whatever the Pod on a Node’s own network', () => {
  const mall = {
    namespace: 'mall',
    pods: [],
    services: [],
    slices: [sampleSlice('by-hand', undefined, [sampleEntry('10.0.0.2')])],
    endpoints: [],
    deployments: [],
    replicaSets: [],
    statefulSets: [],
    daemonSets: [],
  };
  const { namespaces } = sampleWorld();
  const found = diagnose(sampleWorld({}, { namespaces: [...namespaces, mall] }));
  expect(found).toMatchObject([
    {
      name: 'listed-elsewhere',
      severity: 'note',
      namespace: 'mall',
      object: 'endpointslice/by-hand',
      details: ['pod shop/web-7d-ccccc'],
    },
  ]);
  const onNode = { ...podB, spec: { containers: [], hostNetwork: true } };
  const world = sampleWorld({ pods: [podA, onNode] });
  const more = diagnose({ ...world, namespaces: [...world.namespaces, mall] });
  expect(namesOf(more)).not.toContain('listed-elsewhere');
});
