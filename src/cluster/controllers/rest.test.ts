import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { metaOf } from './object-meta.ts';
import { SERVED_KINDS } from './served-kinds.ts';
import { podTemplate, TestCluster } from './test-cluster.ts';

const namespace = 'default';
const selector = (app: string) => ({ matchLabels: { app } });

/** One of everything that a controller looks after, some of it in trouble. */
async function busy(): Promise<TestCluster> {
  const cluster = new TestCluster();
  cluster.addNode('node2', 'a');
  const create = (resource: string, apiVersion: string, kind: string, name: string, spec: object) =>
    cluster.api.create(resource, {
      apiVersion,
      kind,
      metadata: { namespace, name },
      spec,
    } as KubeObject);
  cluster.serve('web', { trafficDistribution: 'PreferClose' });
  cluster.serve('by-hand', { selector: {} });
  cluster.deploy('web', { replicas: 3, minReadySeconds: 5 });
  cluster.deploy('stuck', { replicas: 2, progressDeadlineSeconds: 60 });
  create('statefulsets', 'apps/v1', 'StatefulSet', 'db', {
    replicas: 2,
    serviceName: 'db',
    selector: selector('db'),
    template: podTemplate({ app: 'db' }, 'db:1'),
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
  });
  create('daemonsets', 'apps/v1', 'DaemonSet', 'agent', {
    selector: selector('agent'),
    template: podTemplate({ app: 'agent' }, 'agent:1'),
  });
  create('replicationcontrollers', 'v1', 'ReplicationController', 'rc', {
    replicas: 1,
    selector: { app: 'rc' },
    template: podTemplate({ app: 'rc' }, 'rc:1'),
  });
  const { metadata, spec } = podTemplate({ app: 'job' }, 'job:1');
  create('jobs', 'batch/v1', 'Job', 'job', {
    completions: 3,
    parallelism: 2,
    completionMode: 'Indexed',
    template: { metadata, spec: { ...spec, restartPolicy: 'Never' } },
  });
  for (const [name, budget] of [
    ['web', { minAvailable: '50%' }],
    ['db', { maxUnavailable: 1 }],
  ] as const) {
    create('poddisruptionbudgets', 'policy/v1', 'PodDisruptionBudget', name, {
      selector: selector(name),
      ...budget,
    });
  }
  cluster.api.create('endpoints', {
    metadata: { namespace, name: 'by-hand' },
    subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ name: 'http', port: 80 }] }],
  } as KubeObject);
  cluster.api.create('pods', {
    metadata: { namespace, name: 'nowhere' },
    spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'web', image: 'web:1' }] },
  } as KubeObject);
  await cluster.settle();
  return cluster;
}

/** Of every object but the leases, which are there to be renewed. */
function revisions(cluster: TestCluster): Map<string, string> {
  return new Map(
    SERVED_KINDS.filter(({ resource }) => resource !== 'leases').flatMap(({ resource }) =>
      cluster.api.list(resource).map((object) => {
        const { namespace: space = '', name, resourceVersion = '' } = metaOf(object);
        return [`${resource} ${space}/${name}`, resourceVersion];
      }),
    ),
  );
}

describe('the controllers', () => {
  it('come to rest, and write nothing as long as nothing happens', async () => {
    await using cluster = await busy();
    // Deadlines pass, Pods become available, back-offs end.
    for (let minute = 0; minute < 10; minute += 1) await cluster.advance(60_000);
    const before = revisions(cluster);
    for (let hour = 0; hour < 4; hour += 1) await cluster.advance(3_600_000);
    const after = revisions(cluster);
    expect([...after].filter(([key, revision]) => before.get(key) !== revision)).toEqual([]);
    expect(cluster.errors).toEqual([]);
  });

  it('want nothing new of a world that they find as they left it', async () => {
    await using cluster = await busy();
    for (let minute = 0; minute < 10; minute += 1) await cluster.advance(60_000);
    const before = revisions(cluster);
    // A change that is taken back at once brings everybody to look again.
    for (const resource of ['services', 'deployments', 'statefulsets', 'daemonsets', 'jobs']) {
      for (const object of cluster.api.list(resource, { namespace })) {
        const { name } = metaOf(object);
        cluster.patch(resource, name, { metadata: { annotations: { touched: 'yes' } } });
        cluster.patch(resource, name, { metadata: { annotations: { touched: null } } });
      }
    }
    await cluster.advance(10_000);
    const changed = [...revisions(cluster)].filter(
      ([key, revision]) => before.get(key) !== revision,
    );
    const others = changed.filter(
      ([key]) => !/^(?:services|deployments|statefulsets|daemonsets|jobs) /.test(key),
    );
    expect(others).toEqual([]);
    expect(cluster.errors).toEqual([]);
  });
});
