import { ordinalOf } from './ordinal.ts';
import { podObject, type Circumstances, type Finding } from './finding.ts';

/** An owner that is gone, or one that cannot do without the Pod. */
export function findOwnerInterlocks(circumstances: Circumstances): readonly Finding[] {
  return [...ownerGone(circumstances), ...releasedOrdinal(circumstances)];
}

/** The garbage collector deletes a Pod whose owner is gone; when is anybody's guess. */
function ownerGone({ snapshot }: Circumstances): readonly Finding[] {
  const { pod, owner } = snapshot;
  const reference = pod.metadata?.ownerReferences?.find(({ controller }) => controller);
  if (!reference || owner) return [];
  return [
    {
      name: 'owner-gone',
      object: podObject(snapshot),
      message: `its owner ${reference.kind.toLowerCase()}/${reference.name} (uid ${reference.uid}) does not exist any more: the garbage collector may delete the Pod at any moment`,
      hint: `kubectl get ${reference.kind.toLowerCase()} ${reference.name} -n ${pod.metadata?.namespace}`,
    },
  ];
}

/** A StatefulSet cannot replace an ordinal whose name is taken, and goes by ordinals in order. */
function releasedOrdinal({ snapshot, route }: Circumstances): readonly Finding[] {
  const { owner, pod } = snapshot;
  if (route !== 'release' || owner?.kind !== 'StatefulSet') return [];
  const { metadata, spec } = owner.statefulSet;
  const name = pod.metadata?.name ?? '';
  const start = spec?.ordinals?.start ?? 0;
  const last = start + (spec?.replicas ?? 1) - 1;
  const inOrder = (spec?.podManagementPolicy ?? 'OrderedReady') === 'OrderedReady';
  const behind = inOrder
    ? `scaling and rollouts wait behind ordinal ${ordinalOf(name)} (of ${start} to ${last})`
    : 'a rollout waits for it';
  return [
    {
      name: 'statefulset-ordinal',
      object: `statefulset/${metadata?.name}`,
      message: `releases ${name} and starts no replacement, the name being taken: until it is back ${behind}`,
      hint: `kubectl pitstop prepare sts/${metadata?.name} -n ${pod.metadata?.namespace} gives it a gentler route`,
    },
  ];
}
