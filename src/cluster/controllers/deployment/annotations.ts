import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js';
import { maxSurge, replicasOf } from './fenceposts.ts';

export type Annotations = Readonly<Record<string, string>>;

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** Annotations that say something about the Deployment itself: its ReplicaSets do not inherit them. */
const NOT_INHERITED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.revisions',
]);

const MAX_HISTORY_LENGTH = 2000;

/** Revisions are counted in 64 bits, more than a number has. */
export function revisionOf({ metadata }: ReplicaSet | Deployment): bigint {
  return asRevision(metadata?.annotations?.[REVISION]);
}

export function maxRevision(sets: readonly ReplicaSet[]): bigint {
  return sets.map(revisionOf).reduce((max, one) => (one > max ? one : max), 0n);
}

function asRevision(text: string | undefined): bigint {
  return text !== undefined && /^-?\d+$/.test(text) ? BigInt(text) : 0n;
}

/** The annotations of the Deployment's newest ReplicaSet when it is revision number `revision`. */
export function newestSetAnnotations(
  deployment: Deployment,
  set: ReplicaSet | undefined,
  revision: bigint,
): Annotations {
  const own = set?.metadata?.annotations ?? {};
  const inherited = Object.fromEntries(
    Object.entries(deployment.metadata?.annotations ?? {}).filter(
      ([key]) => !NOT_INHERITED.has(key),
    ),
  );
  const previous = own[REVISION];
  const isNewer = asRevision(previous) < revision;
  return {
    ...own,
    ...inherited,
    ...(isNewer && { [REVISION]: String(revision) }),
    ...(isNewer && previous && { [REVISION_HISTORY]: history(own[REVISION_HISTORY], previous) }),
    ...(!set && sizeAnnotations(deployment)),
  };
}

/** Oldest revisions fall out when the list grows too long. */
function history(before: string | undefined, revision: string): string {
  const revisions = [...(before ? before.split(',') : []), revision];
  while (revisions.join(',').length > MAX_HISTORY_LENGTH && revisions.length > 1) revisions.shift();
  return revisions.join(',');
}

/** The Deployment's size as a ReplicaSet has last seen it: a difference is what makes a scaling event. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const replicas = replicasOf(deployment);
  return {
    [DESIRED_REPLICAS]: String(replicas),
    [MAX_REPLICAS]: String(replicas + maxSurge(deployment)),
  };
}

export function desiredReplicas(set: ReplicaSet): number | undefined {
  return intAnnotation(set, DESIRED_REPLICAS);
}

export function maxReplicas(set: ReplicaSet): number | undefined {
  return intAnnotation(set, MAX_REPLICAS);
}

function intAnnotation({ metadata }: ReplicaSet, key: string): number | undefined {
  const text = metadata?.annotations?.[key];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}
