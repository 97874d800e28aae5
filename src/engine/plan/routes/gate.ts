import { changedLabels } from '../labels.ts';
import type { Reach } from '../traffic.ts';
import { coverServices, leftByLabel, selectedBy, serviceNames } from './cover.ts';
import { describeOwner, keptLabels } from './owner.ts';
import type { LabelChange, RouteCandidate } from './route-change.ts';

/** The readiness gate that a Pod must declare from its birth to be taken out by route `gate`. */
export const inServiceCondition = 'pitstop.dev/in-service';

/**
 * The Pod's own readiness gate (KEP-580): as long as its condition is False the kubelet reports the
 * Pod as not Ready. A Service that publishes Pods that are not ready is left by a label, where it
 * selects on one that the owner does not hold the Pod by.
 */
export const gate: RouteCandidate = {
  name: 'gate',
  find(snapshot, reach) {
    const { pod, owner } = snapshot;
    const gates = (pod.spec?.readinessGates ?? []).map(({ conditionType }) => conditionType);
    if (!gates.includes(inServiceCondition)) {
      return `the Pod declares no readiness gate ${inServiceCondition}`;
    }
    if (pod.metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
      return 'the Pod is static: its kubelet reads it from a file, and its conditions from nowhere';
    }
    const gated = reach.filter(({ service }) => !service.spec?.publishNotReadyAddresses);
    const publishing = reach.filter((each) => !gated.includes(each));
    const labels = coverPublishing(publishing);
    if (typeof labels === 'string') return labels;
    const keys = Object.keys(labels);
    const after = changedLabels(pod.metadata?.labels ?? {}, labels);
    const left = selectedBy(
      { ...snapshot, services: publishing.map(({ service }) => service) },
      after,
    );
    if (left) return `service/${left} would select the Pod after the change`;
    return {
      labels,
      conditions: [inServiceCondition],
      services: [
        ...gated.map(({ service }) => ({
          name: service.metadata?.name ?? '',
          by: 'gate' as const,
          how: `condition ${inServiceCondition} False`,
        })),
        ...leftByLabel(publishing, 'label', keys),
      ],
      reasons: [
        `the Pod declares the readiness gate ${inServiceCondition}: shut, it is ready for no Service` +
          (owner ? `, and stays owned by ${describeOwner(owner)}` : ''),
        ...(keys.length > 0
          ? [`without ${keys.join(', ')} it leaves ${serviceNames(publishing)} too, ready or not`]
          : []),
      ],
    };

    function coverPublishing(services: readonly Reach[]): LabelChange | string {
      const [first] = services;
      if (!first) return {};
      const publishes = `service/${first.service.metadata?.name} publishes Pods that are not ready`;
      const kept = owner ? keptLabels(owner) : [];
      if (owner && !kept)
        return `${publishes}, and what ${describeOwner(owner)} selects on is not known`;
      const cover = coverServices(snapshot, services, new Set(kept));
      if ('keys' in cover) return Object.fromEntries(cover.keys.map((key) => [key, null]));
      if ('adopter' in cover) {
        return `${publishes}, and without its labels ${cover.adopter} would adopt the Pod`;
      }
      return `service/${cover.stuck} publishes Pods that are not ready, and selects on no label that the Pod could lose`;
    }
  },
};
