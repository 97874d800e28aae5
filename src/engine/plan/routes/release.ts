import { changedLabels, matchesSelector, selectorKeys } from '../labels.ts';
import type { Owner } from '../snapshot.ts';
import { adopterOf } from '../claimants.ts';
import { chooseKeys } from './choose-keys.ts';
import { costOf, keysOf, leftByLabel, selectedBy, serviceNames } from './cover.ts';
import { describeOwner, ownerSelector } from './owner.ts';
import type { RouteCandidate } from './route-change.ts';

/** The hash ties the Pod to its ReplicaSet; without it the Pod would not find the way back. */
const hashLabel = 'pod-template-hash';
const kept: ReadonlySet<string> = new Set([hashLabel]);

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
    const groups = keysOf(reach, kept);
    const stuck = reach[groups.findIndex((keys) => keys.length === 0)];
    if (stuck) return `service/${stuck.service.metadata?.name} selects only on ${hashLabel}`;
    const selector = ownerSelector(owner);
    const held = [...selectorKeys(selector)].filter((key) => !kept.has(key));
    const { claimants = [] } = snapshot;
    const labels = pod.metadata?.labels ?? {};
    const uid = pod.metadata?.ownerReferences?.find(({ controller }) => controller)?.uid;
    const change = chooseKeys([...groups, held], costOf(snapshot), (keys) =>
      [null, outValue]
        .map((value) => Object.fromEntries(keys.map((key) => [key, value])))
        .find((each) => {
          const after = changedLabels(labels, each);
          return (
            !matchesSelector(selector, after) &&
            selectedBy(snapshot, after) === undefined &&
            adopterOf(claimants, after, uid) === undefined
          );
        }),
    );
    if (!change) {
      return `whatever labels it loses, ${describeOwner(owner)}, another workload or a Service would still take the Pod`;
    }
    const keys = Object.keys(change);
    return {
      labels: change,
      services: leftByLabel(reach, 'release', keys),
      reasons: [
        `without ${keys.join(', ')} the Pod leaves ${serviceNames(reach)}, and ${describeOwner(owner)} lets go of it`,
        afterRelease(owner),
      ],
    };
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
