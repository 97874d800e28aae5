import type { Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import type { Kube, KubeObject, ResourceName } from '../../src/kube/index.ts';
import { sleeperImage } from './images.ts';
import { readListed } from './listed.ts';
import { readyPods } from './my-api.ts';
import { nameOf } from './small-app.ts';
import { createNamespace } from './target-cluster.ts';
import { hasTools } from './tools.ts';
import { until } from './until.ts';

const resources = {
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  ReplicationController: 'replicationcontrollers',
  Pod: 'pods',
} as const satisfies Record<string, ResourceName>;

export type OwnerKind = keyof typeof resources;
export const ownerKinds = Object.keys(resources) as readonly OwnerKind[];

/** What a Pod must bring along for a route to be possible. */
export interface Means {
  /** A label that the Service selects on and the owner does not. */
  readonly trafficLabel?: boolean;
  /** Readiness gates of these types, all open. */
  readonly gates?: readonly string[];
  /** Labels of the Pods beside `app: web`. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Workload {
  readonly namespace: string;
  /** Names of the Pods, the oldest first. */
  readonly pods: readonly string[];
}

/**
 * Creates a namespace with two Pods of an owner of that kind (`Pod`: of nobody) that only sleep,
 * behind the Service `web`; resolves when both are listed and older than any Pod to come.
 */
export async function deployWorkload(
  kube: Kube,
  options: {
    readonly namespace: string;
    readonly owner: OwnerKind;
    readonly means?: Means;
    /** The Pods answer the Service, and are its clients: a few short connections a second. */
    readonly serves?: boolean;
  },
): Promise<Workload> {
  const { owner, means = {}, serves = false } = options;
  const namespace = await createNamespace(kube, options.namespace);
  const selector = { app: 'web', ...(means.trafficLabel && { traffic: 'on' }) };
  const labels = { ...selector, ...means.labels };
  await kube.create('services', {
    metadata: { name: 'web', namespace },
    spec: { selector, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
  const command = serves && hasTools('perl') ? server : ['sleep', '100000'];
  for (const [name, rest] of manifests(owner, { labels, gates: means.gates ?? [], command })) {
    const { metadata } = rest as KubeObject;
    await kube.create(resources[owner], { ...rest, metadata: { ...metadata, name, namespace } });
  }
  await openGates(kube, namespace, means.gates ?? []);
  const pods = await readyPods(kube, namespace, 2);
  await until(`service/web of ${namespace} lists both`, async () => {
    const { slices, endpoints } = await readListed(kube, namespace);
    return slices.length === 2 && endpoints.length === 2;
  });
  // Creation times are whole seconds: a replacement must be told from its siblings by them.
  await until('the Pods to be older than any replacement', async () =>
    pods.every(({ metadata }) => Date.now() - Date.parse(metadata?.creationTimestamp ?? '') > 1000),
  );
  await until(`${owner} of ${namespace} to have counted them`, () =>
    hasCounted(kube, { resource: resources[owner], namespace, owner }),
  );
  return { namespace, pods: pods.map(nameOf).toSorted((a, b) => a.localeCompare(b)) };
}

/** Its own client too: it holds a connection to the Service for 0.3 s, and rests 0.2 s. */
const server = [
  'perl',
  '-MIO::Socket::INET',
  '-e',
  `if (fork) {
    my $listener = IO::Socket::INET->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1) or die;
    my @held;
    while (my $next = $listener->accept) { push @held, $next; shift @held if @held > 8; }
  }
  while (1) {
    my $to = IO::Socket::INET->new(PeerAddr => "$ENV{WEB_SERVICE_HOST}:80", Timeout => 1);
    select undef, undef, undef, 0.3;
    close $to if $to;
    select undef, undef, undef, 0.2;
  }`,
];

function manifests(
  owner: OwnerKind,
  {
    labels,
    gates,
    command,
  }: {
    readonly labels: Readonly<Record<string, string>>;
    readonly gates: readonly string[];
    readonly command: readonly string[];
  },
): readonly (readonly [name: string, rest: object])[] {
  const template: PodTemplateSpec = {
    metadata: { labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      ...(gates.length > 0 && {
        readinessGates: gates.map((conditionType) => ({ conditionType })),
      }),
      containers: [
        {
          name: 'web',
          image: sleeperImage,
          command: [...command],
          ports: [{ name: 'http', containerPort: 8080 }],
        },
      ],
    },
  };
  const selector = { matchLabels: { app: 'web' } };
  switch (owner) {
    case 'Pod':
      return [
        ['first', template],
        ['second', template],
      ];
    case 'DaemonSet':
      return [['web', { spec: { selector, template } }]];
    case 'ReplicationController':
      return [['web', { spec: { replicas: 2, selector: { app: 'web' }, template } }]];
    case 'StatefulSet':
      return [['web', { spec: { replicas: 2, serviceName: 'web', selector, template } }]];
    case 'Deployment':
    case 'ReplicaSet':
      return [['web', { spec: { replicas: 2, selector, template } }]];
  }
}

/** A StatefulSet starts its second Pod only when the first is Ready: so as they come. */
async function openGates(kube: Kube, namespace: string, types: readonly string[]): Promise<void> {
  if (types.length === 0) return;
  const conditions = types.map((type) => ({ type, status: 'True' }));
  const opened = new Set<string>();
  await until(`the gates of ${namespace} to be open`, async () => {
    const pods = await kube.list<Pod>('pods', { namespace });
    for (const pod of pods.filter(({ status }) => status?.phase === 'Running')) {
      const name = nameOf(pod);
      if (opened.has(name)) continue;
      await kube.patch(
        { resource: 'pods', namespace, name },
        { status: { conditions } },
        { type: 'strategic', subresource: 'status' },
      );
      opened.add(name);
    }
    return opened.size === 2;
  });
}

interface Counted {
  readonly status?: {
    readonly availableReplicas?: number;
    readonly numberAvailable?: number;
    readonly conditions?: readonly { readonly type: string; readonly reason?: string }[];
  };
}

async function hasCounted(
  kube: Kube,
  {
    resource,
    namespace,
    owner,
  }: { readonly resource: ResourceName; readonly namespace: string; readonly owner: OwnerKind },
): Promise<boolean> {
  if (owner === 'Pod') return true;
  const { status } = (await kube.get<Counted>({ resource, namespace, name: 'web' })) ?? {};
  const progress = status?.conditions?.find(({ type }) => type === 'Progressing');
  const isComplete = owner !== 'Deployment' || progress?.reason === 'NewReplicaSetAvailable';
  return isComplete && (status?.availableReplicas ?? status?.numberAvailable) === 2;
}
