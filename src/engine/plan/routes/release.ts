import { changedLabels, matchesSelector, selectorKeys } from '../labels.ts';
import type { Owner } from '../snapshot.ts';
import { coverServices, leftByLabel, selectedBy, serviceNames } from './cover.ts';
import { describeOwner, ownerSelector } from './owner.ts';
import type { RouteCandidate } from './route-change.ts';

/** What a label holds while it is out, where removing the key would not do (`NotIn`, `DoesNotExist`). */
export const outValue = 'pitstop';

/**
 * A key that the owner selects on too: ControllerRefManager claims by the whole selector, so the
 * owner lets go, and a ReplicaSet or DaemonSet starts a replacement.
 */
export const release: RouteCandidate = {
  name: 'release',
  find(snapshot, reach) {
    const { owner, pod } = snapshot;
    if (!owner) return 'nothing owns the Pod, so nothing has to let go of it';
    if (owner.kind === 'Other') {
      return `how ${describeOwner(owner)} (${owner.reference.apiVersion}) takes a Pod back that it let go of is not known`;
    }
    if (owner.kind === 'Job') {
      return `${describeOwner(owner)} would start another Pod, which does the same work again`;
    }
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
      if (matchesSelector(selector, after) || selectedBy(snapshot, after)) continue;
      return {
        labels: change,
        services: leftByLabel(reach, 'release', keys),
        reasons: [
          `without ${Object.keys(change).join(', ')} the Pod leaves ${serviceNames(reach)}, and ${describeOwner(owner)} lets go of it`,
          afterRelease(owner),
        ],
      };
    }
    return `${describeOwner(owner)} or a Service would still select the Pod after the change`;
  },
};

function afterRelease(owner: Owner): string {
  switch (owner.kind) {
    case 'StatefulSet':
      return 'a StatefulSet starts no replacement: the name is taken until the Pod is back';
    case 'DaemonSet':
      return 'a replacement starts on the same node, and goes when the Pod is back';
    case 'ReplicaSet':
    case 'ReplicationController':
    case 'Job':
    case 'Other':
      return 'a replacement starts at once, and goes when the Pod is back';
  }
}
