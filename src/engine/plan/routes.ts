import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import { changedLabels, matchesMap, matchesSelector, selectorKeys, type Labels } from './labels.ts';
import type { RouteName } from './plan.ts';
import type { Owner, Snapshot } from './snapshot.ts';
import type { Reach } from './traffic.ts';

type LabelChange = Readonly<Record<string, string | null>>;

const revisionLabel = 'controller-revision-hash';

/** What a label holds while it is out, where removing the key would not do (`NotIn`, `DoesNotExist`). */
export const outValue = 'pitstop';

export type RouteChoice =
  | {
      readonly name: RouteName;
      readonly labels: LabelChange;
      readonly reasons: readonly string[];
      readonly rejected: readonly { readonly name: string; readonly reason: string }[];
    }
  | {
      readonly name: undefined;
      readonly rejected: readonly { readonly name: string; readonly reason: string }[];
    };

/**
 * The gentlest route that takes the Pod out of every Service that reaches it: `label` (the owner
 * does not notice), else `release` (the owner lets go of the Pod, and a ReplicaSet or DaemonSet
 * starts a replacement). The facts: ControllerRefManager claims by the whole selector, a Service
 * selects by equality, so one key a Service selects on is enough to leave it.
 */
export function chooseRoute(
  snapshot: Snapshot,
  reach: readonly Reach[],
  forced?: RouteName,
): RouteChoice {
  const rejected: { name: string; reason: string }[] = [];
  const { owner } = snapshot;
  const stubborn = reach.find(({ bySelector }) => !bySelector);
  if (stubborn) {
    const slices = stubborn.slices.map(({ metadata }) => metadata?.name).join(', ');
    const reason =
      `service/${stubborn.service.metadata?.name} does not select the Pod, yet endpointslice ${slices} ` +
      `lists it: no label of the Pod changes that`;
    return {
      name: undefined,
      rejected: [
        { name: 'label', reason },
        { name: 'release', reason },
      ],
    };
  }
  if (reach.length === 0) {
    return { name: 'none', labels: {}, reasons: ['no Service sends traffic to the Pod'], rejected };
  }

  const names = reach.map(({ service }) => `service/${service.metadata?.name}`).join(', ');
  const candidates: readonly {
    readonly name: RouteName;
    readonly find: () => LabelChange | string;
    readonly reasons: (keys: string) => string[];
  }[] = [
    {
      name: 'label',
      find: () => findLabelChange(snapshot, reach),
      reasons: (keys) =>
        owner
          ? [
              `${names} select on ${keys}, which ${describeOwner(owner)} does not select on: the Pod stays owned`,
            ]
          : [`${names} select on ${keys}, and nothing owns the Pod`],
    },
    {
      name: 'release',
      find: () => findReleaseChange(snapshot, reach),
      reasons: (keys) => [
        `without ${keys} the Pod leaves ${names}, and ${owner ? describeOwner(owner) : 'its owner'} lets go of it`,
        ...(owner ? [afterRelease(owner)] : []),
      ],
    },
  ];
  for (const candidate of candidates) {
    if (forced && forced !== candidate.name) {
      rejected.push({ name: candidate.name, reason: `--route=${forced} was asked for` });
      continue;
    }
    const found = candidate.find();
    if (typeof found === 'string') {
      rejected.push({ name: candidate.name, reason: found });
      continue;
    }
    const keys = Object.keys(found).join(', ');
    const later = candidates.slice(candidates.indexOf(candidate) + 1);
    return {
      name: candidate.name,
      labels: found,
      reasons: candidate.reasons(keys),
      rejected: [
        ...rejected,
        ...later.map(({ name }) => ({
          name,
          reason: forced ? `--route=${forced} was asked for` : `${candidate.name} is gentler`,
        })),
      ],
    };
  }
  return { name: undefined, rejected };
}

/** `deployment/web`, or the owner itself where no Deployment stands above it. */
export function describeOwner(owner: Owner): string {
  switch (owner.kind) {
    case 'ReplicaSet':
      return owner.deployment
        ? `deployment/${owner.deployment.metadata?.name}`
        : `replicaset/${owner.replicaSet.metadata?.name}`;
    case 'StatefulSet':
      return `statefulset/${owner.statefulSet.metadata?.name}`;
    case 'DaemonSet':
      return `daemonset/${owner.daemonSet.metadata?.name}`;
    case 'Other':
      return `${owner.reference.kind.toLowerCase()}/${owner.reference.name}`;
  }
}

export function ownerSelector(owner: Owner): LabelSelector | undefined {
  switch (owner.kind) {
    case 'ReplicaSet':
      return owner.replicaSet.spec?.selector;
    case 'StatefulSet':
      return owner.statefulSet.spec?.selector;
    case 'DaemonSet':
      return owner.daemonSet.spec?.selector;
    case 'Other':
      return undefined;
  }
}

function findLabelChange(snapshot: Snapshot, reach: readonly Reach[]): LabelChange | string {
  const { owner } = snapshot;
  if (owner?.kind === 'Other') return unknownOwner(owner);
  const keys = coverServices(reach, owner ? new Set(keptLabels(owner)) : new Set());
  if (typeof keys === 'string') {
    return `service/${keys} selects only on labels by which ${owner && describeOwner(owner)} holds the Pod`;
  }
  const labels = snapshot.pod.metadata?.labels ?? {};
  const change = Object.fromEntries(keys.map((key) => [key, null]));
  const left = stillReached(snapshot, changedLabels(labels, change));
  return left ? `service/${left} would select the Pod after the change` : change;
}

/**
 * Labels that the owner would not leave off: those it selects on, and, of a StatefulSet, the Pod's
 * name, which it writes back. Without its revision a Pod counts as outdated, and a rollout deletes it.
 */
function keptLabels(owner: Owner): readonly string[] {
  const selected = [...selectorKeys(ownerSelector(owner))];
  switch (owner.kind) {
    case 'StatefulSet':
      return [...selected, 'statefulset.kubernetes.io/pod-name', revisionLabel];
    case 'DaemonSet':
      return [...selected, revisionLabel];
    case 'ReplicaSet':
    case 'Other':
      return selected;
  }
}

function findReleaseChange(snapshot: Snapshot, reach: readonly Reach[]): LabelChange | string {
  const { owner, pod } = snapshot;
  if (!owner) return 'nothing owns the Pod, so nothing has to let go of it';
  if (owner.kind === 'Other') return unknownOwner(owner);
  // The hash ties the Pod to its ReplicaSet; without it the Pod would not find the way back.
  const keys = coverServices(reach, new Set(['pod-template-hash']));
  if (typeof keys === 'string') return `service/${keys} selects only on pod-template-hash`;
  const selector = ownerSelector(owner);
  const released = [...selectorKeys(selector)].filter((key) => key !== 'pod-template-hash');
  const labels = pod.metadata?.labels ?? {};
  const extra = keys.some((key) => released.includes(key)) ? [] : released.slice(0, 1);
  for (const value of [null, outValue]) {
    const change = Object.fromEntries([...keys, ...extra].map((key) => [key, value]));
    const after = changedLabels(labels, change);
    if (!matchesSelector(selector, after) && !stillReached(snapshot, after)) return change;
  }
  return `${describeOwner(owner)} or a Service would still select the Pod after the change`;
}

/**
 * The fewest keys such that every Service selects on at least one of them (greedy, which for a
 * handful of Services is the minimum); or the name of a Service that offers none.
 */
function coverServices(
  reach: readonly Reach[],
  taboo: ReadonlySet<string>,
): readonly string[] | string {
  const offers = reach.map(({ service }) => ({
    name: service.metadata?.name ?? '',
    keys: Object.keys(service.spec?.selector ?? {}).filter((key) => !taboo.has(key)),
  }));
  const stuck = offers.find(({ keys }) => keys.length === 0);
  if (stuck) return stuck.name;
  const chosen: string[] = [];
  let open = offers;
  while (open.length > 0) {
    const counts = new Map<string, number>();
    for (const { keys } of open)
      for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    const [best] = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b))[0] ?? [];
    if (best === undefined) break;
    chosen.push(best);
    open = open.filter(({ keys }) => !keys.includes(best));
  }
  return chosen;
}

function stillReached({ services }: Snapshot, labels: Labels): string | undefined {
  return services.find(
    ({ spec }) => spec?.type !== 'ExternalName' && matchesMap(spec?.selector, labels),
  )?.metadata?.name;
}

function afterRelease(owner: Owner): string {
  switch (owner.kind) {
    case 'StatefulSet':
      return 'a StatefulSet starts no replacement: the name is taken until the Pod is back';
    case 'DaemonSet':
      return 'a replacement starts on the same node, and goes when the Pod is back';
    case 'ReplicaSet':
    case 'Other':
      return 'a replacement starts at once, and goes when the Pod is back';
  }
}

function unknownOwner(owner: Extract<Owner, { kind: 'Other' }>): string {
  return `${describeOwner(owner)} is of a kind whose selector is not known (${owner.reference.apiVersion})`;
}
