import type { ControllerRevision, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { metaOf } from '../object-meta.ts';
import { BY_HAND, podTemplate, TestCluster } from '../test-cluster.ts';

export const namespace = 'default';

interface Options extends Partial<NonNullable<StatefulSet['spec']>> {
  readonly image?: string;
  /** Without it a Pod is ready as soon as it is assigned. */
  readonly byHand?: boolean;
}

export function create(cluster: TestCluster, options: Options = {}): void {
  const { image = 'db:1', byHand = false, ...spec } = options;
  const labels = { app: 'db', ...(byHand && { [BY_HAND]: '' }) };
  cluster.api.create<StatefulSet>('statefulsets', {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace, annotations: { 'kubernetes.io/change-cause': image } },
    spec: {
      replicas: 3,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: podTemplate(labels, image),
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      ...spec,
    },
  });
}

export async function running(options: Options = {}): Promise<TestCluster> {
  const cluster = new TestCluster();
  cluster.serve('db');
  create(cluster, options);
  await cluster.settle();
  return cluster;
}

export function setOf(cluster: TestCluster): StatefulSet {
  return cluster.api.get<StatefulSet>('statefulsets', { namespace, name: 'db' })!;
}

export function names(cluster: TestCluster): string[] {
  return cluster.pods().map((pod) => metaOf(pod).name);
}

export function images(cluster: TestCluster): Record<string, string | undefined> {
  return Object.fromEntries(
    cluster.pods().map((pod) => [metaOf(pod).name, pod.spec?.containers[0]?.image]),
  );
}

export function revisions(cluster: TestCluster): ControllerRevision[] {
  return cluster.api
    .list<ControllerRevision>('controllerrevisions', { namespace })
    .toSorted((a, b) => a.revision - b.revision);
}

export function setImage(cluster: TestCluster, image: string): void {
  cluster.patch('statefulsets', 'db', {
    spec: { template: { spec: { containers: [{ name: 'web', image }] } } },
  });
}

export function events(cluster: TestCluster, reason: string): (string | undefined)[] {
  return cluster
    .events()
    .filter((event) => event.reason === reason && event.involvedObject.kind === 'StatefulSet')
    .map(({ message }) => message);
}

/** Every creation and deletion of a Pod from here on. */
export function history(cluster: TestCluster): string[] {
  const seen: string[] = [];
  let isLive = false;
  cluster.api.watch<Pod>('pods', ({ type, object, previous }) => {
    const { name, deletionTimestamp } = metaOf(object);
    if (!isLive) return;
    if (type === 'ADDED') seen.push(`+${name}`);
    if (type === 'DELETED' || (deletionTimestamp && !previous?.metadata?.deletionTimestamp)) {
      if (!seen.includes(`-${name}`) || seen.lastIndexOf(`+${name}`) > seen.lastIndexOf(`-${name}`))
        seen.push(`-${name}`);
    }
  });
  isLive = true;
  return seen;
}
