import type { Pod } from 'kubernetes-types/core/v1.js';
import { hasRecord } from '../../session/record.ts';
import { matchesMap, matchesSelector } from '../../plan/labels.ts';
import type { Finding } from '../finding.ts';
import { isRunning, nameOf } from '../listed.ts';
import { controllerOf, makerOf, type Maker } from '../maker.ts';
import type { NamespaceWorld } from '../world.ts';

/**
 * A Pod that was relabelled and never labelled back: its controller let go of it
 * (k/k controller_ref_manager.go ReleasePod), so no rollout, scale-down or drain counts on it.
 */
export function findOrphanedPods(world: NamespaceWorld): readonly Finding[] {
  return world.pods.flatMap((pod) => {
    if (controllerOf(pod) || hasRecord(pod) || !isRunning(pod) || pod.metadata?.deletionTimestamp)
      return [];
    const maker = makerOf(pod, world);
    const changed = maker ? differences(maker, pod) : [];
    if (!maker || changed.length === 0) return [];
    const services = world.services.filter(({ spec }) =>
      matchesMap(spec?.selector, pod.metadata?.labels ?? {}),
    );
    return [
      {
        name: 'orphaned-pod' as const,
        severity: 'warning' as const,
        namespace: world.namespace,
        object: `pod/${nameOf(pod)}`,
        message: `${maker.kind}/${maker.name} made it and has let it go: ${changed.map(({ text }) => text).join('; ')}`,
        details: [
          `it runs on unowned: no rollout, scale-down or deletion of ${maker.kind}/${maker.name} ends it, and a drain of its node refuses`,
          services.length === 0
            ? 'no Service selects it'
            : `it is selected by ${services.map((each) => `service/${nameOf(each)}`).join(', ')}`,
          consequence(maker),
        ],
        hint: hintOf(pod, maker, changed),
      },
    ];
  });
}

interface Difference {
  readonly key: string;
  readonly wanted: string | undefined;
  readonly text: string;
}

function differences({ selector }: Maker, { metadata }: Pod): readonly Difference[] {
  const labels = metadata?.labels ?? {};
  if (matchesSelector(selector, labels)) return [];
  const equal = Object.entries(selector?.matchLabels ?? {})
    .filter(([key, value]) => labels[key] !== value)
    .map(([key, wanted]) => ({
      key,
      wanted,
      text:
        labels[key] === undefined
          ? `its label ${key}=${wanted} is missing`
          : `its label ${key} is ${labels[key]}, not ${wanted}`,
    }));
  if (equal.length > 0) return equal;
  const keys = (selector?.matchExpressions ?? []).map(({ key }) => key);
  return keys.map((key) => ({
    key,
    wanted: undefined,
    text: `its label ${key} does not fit the selector`,
  }));
}

function consequence({ kind, name, replicas }: Maker): string {
  if (kind === 'statefulset')
    return `statefulset/${name} waits for the name: it has one Pod less until this one is labelled back, or deleted`;
  if (kind === 'daemonset')
    return `labelled back it stays, and daemonset/${name} deletes the Pod it started in its place`;
  return replicas === 0
    ? `replicaset/${name} wants no Pods any more: labelled back it would be deleted at once`
    : `labelled back, replicaset/${name} would have one Pod too many and delete one: perhaps this one`;
}

/** Which of the two is right only a person knows: nothing is repaired here. */
function hintOf(
  { metadata }: Pod,
  { kind, replicas }: Maker,
  changed: readonly Difference[],
): string {
  const where = `${metadata?.name} -n ${metadata?.namespace}`;
  const remove = `when nothing in it is needed any more: kubectl delete pod ${where}`;
  const labels = changed.map(({ key, wanted }) => wanted !== undefined && `${key}=${wanted}`);
  if (replicas === 0 || labels.includes(false)) return remove;
  const back = `kubectl label pod ${where} --overwrite ${labels.join(' ')}`;
  const cost =
    kind === 'replicaset'
      ? `kubectl annotate pod ${where} controller.kubernetes.io/pod-deletion-cost=2147483647 && `
      : '';
  return `back to its owner: ${cost}${back}; or, ${remove}`;
}
