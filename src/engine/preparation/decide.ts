import type { Service } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../kube/index.ts';
import { recordAnnotation } from '../annotations.ts';
import { keeperOf } from '../plan/interlocks/gitops.ts';
import { matchesMap, selectorKeys } from '../plan/labels.ts';
import { inServiceCondition } from '../plan/routes/gate.ts';
import type {
  Preparation,
  PreparationStep,
  PreparedService,
  PrepareRequest,
  Refusal,
} from './preparation.ts';
import { rolloutCost, whyNoRollout } from './rollout.ts';
import { describeWorkload, isOf, templateLabels, type Surroundings } from './workload.ts';

const defaultLabel = { key: 'pitstop.dev/traffic', value: 'open' } as const;

/** Which steps are missing, in the order that loses no traffic, and why they would be refused. */
export function decidePreparation(
  surroundings: Surroundings,
  request: PrepareRequest,
): Preparation {
  const { workload, services } = surroundings;
  const { label = defaultLabel, means = 'label' } = request;
  const states = services.map((service) =>
    means === 'gate' ? gatedState(service) : stateOf(service, surroundings, label.key),
  );
  const isOpen = ({ metadata }: Service) =>
    states.some(({ name, prepared }) => name === metadata?.name && !prepared);
  const open = services.filter(isOpen);
  const byLabel = open.length > 0 ? labelSteps(surroundings, open, label) : [];
  const steps = means === 'gate' ? [gateStep(surroundings)] : byLabel;
  const refusals = steps.some(({ done }) => !done)
    ? findRefusals(surroundings, { open, steps, label, means })
    : [];
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'Preparation',
    metadata: { name: workload.object.metadata?.name ?? '', namespace: request.namespace },
    spec: {
      workload: describeWorkload(workload),
      means,
      by: means === 'gate' ? inServiceCondition : `${label.key}=${label.value}`,
    },
    status: {
      services: states,
      steps,
      refusals,
      warnings: findWarnings(surroundings, steps, means),
    },
  };
}

interface Label {
  readonly key: string;
  readonly value: string;
}

/** A Service is prepared when it selects on a label of the template by which nothing holds the Pods. */
function stateOf(service: Service, { workload }: Surroundings, key: string): PreparedService {
  const held = selectorKeys(workload.object.spec?.selector);
  const template = templateLabels(workload);
  const free = Object.keys(service.spec?.selector ?? {}).filter(
    (each) => template[each] !== undefined && !held.has(each),
  );
  const name = service.metadata?.name ?? '';
  const owner = describeWorkload(workload);
  if (free.length > 0) {
    const message = `selects on ${free.join(', ')}, by which ${owner} does not hold its Pods`;
    return { name, prepared: true, message };
  }
  return { name, prepared: false, message: `needs to select on ${key}` };
}

function gatedState({ metadata, spec }: Service): PreparedService {
  const name = metadata?.name ?? '';
  const message = spec?.publishNotReadyAddresses
    ? 'publishes Pods that are not ready: a gate does not take a Pod out of it'
    : 'sends nothing to a Pod whose gate is shut';
  return { name, prepared: false, message };
}

function labelSteps(
  { workload }: Surroundings,
  open: readonly Service[],
  { key, value }: Label,
): readonly PreparationStep[] {
  const { object, kind } = workload;
  const { namespace, name = '' } = object.metadata ?? {};
  const before = templateLabels(workload);
  const template = (labels: object) => ({ spec: { template: { metadata: { labels } } } });
  return [
    {
      object: describeWorkload(workload),
      reference: { resource: `${kind}s` as const, namespace, name },
      message: `every Pod gets the label ${key}=${value}: a rollout`,
      patch: template({ [key]: value }),
      done: before[key] === value,
      before: template(before),
      after: template({ ...before, [key]: value }),
    },
    ...open.map(({ metadata, spec }): PreparationStep => {
      const selector = spec?.selector ?? {};
      return {
        object: `service/${metadata?.name}`,
        reference: { resource: 'services', namespace, name: metadata?.name ?? '' },
        message: 'only now the Service may select on it: all of its Pods carry it',
        patch: { spec: { selector: { [key]: value } } },
        done: selector[key] === value,
        before: { spec: { selector } },
        after: { spec: { selector: { ...selector, [key]: value } } },
      };
    }),
  ];
}

function gateStep({ workload }: Surroundings): PreparationStep {
  const { object, kind } = workload;
  const { namespace, name = '' } = object.metadata ?? {};
  const gates = object.spec?.template.spec?.readinessGates ?? [];
  const gate = { conditionType: inServiceCondition };
  const done = gates.some(({ conditionType }) => conditionType === inServiceCondition);
  const fragment = (readinessGates: readonly object[]) => ({
    spec: { template: { spec: { readinessGates } } },
  });
  return {
    object: describeWorkload(workload),
    reference: { resource: `${kind}s` as const, namespace, name },
    message: `every Pod declares the readiness gate ${inServiceCondition}: a rollout`,
    // readinessGates is an atomic list: the patch holds all of it.
    patch: fragment(done ? gates : [...gates, gate]),
    done,
    before: fragment(gates),
    after: fragment(done ? gates : [...gates, gate]),
  };
}

function findRefusals(
  surroundings: Surroundings,
  {
    open,
    steps,
    label,
    means,
  }: {
    readonly open: readonly Service[];
    readonly steps: readonly PreparationStep[];
    readonly label: Label;
    readonly means: 'label' | 'gate';
  },
): readonly Refusal[] {
  const { workload, pods } = surroundings;
  const object = describeWorkload(workload);
  const refusals: Refusal[] = [];
  if (means === 'gate') {
    refusals.push({
      object,
      message: `a new Pod is Ready only once somebody sets its condition ${inServiceCondition} to True, and nothing does that here: see to that first, then patch the template yourself`,
    });
  }
  const rolls = steps[0]?.done === false;
  const kept = [...(rolls ? [workload.object] : []), ...(means === 'label' ? open : [])];
  for (const each of kept) {
    const message = keptElsewhere(each);
    const isWorkload = each === workload.object;
    if (message) {
      refusals.push({ object: isWorkload ? object : `service/${each.metadata?.name}`, message });
    }
  }
  if (rolls) refusals.push(...rolloutRefusals(surroundings));
  for (const { metadata, spec } of means === 'label' ? open : []) {
    const stranger = pods.find(
      (pod) =>
        matchesMap(spec?.selector, pod.metadata?.labels ?? {}) &&
        pod.metadata?.labels?.[label.key] !== label.value &&
        !isOf(workload, pod),
    );
    if (!stranger) continue;
    refusals.push({
      object: `service/${metadata?.name}`,
      message: `it also sends traffic to pod ${stranger.metadata?.name}, which is none of ${object}: without the label ${label.key}=${label.value} it would get none any more`,
    });
  }
  return refusals;
}

function rolloutRefusals({ workload, pods }: Surroundings): readonly Refusal[] {
  const object = describeWorkload(workload);
  const refusals: Refusal[] = [];
  const why = whyNoRollout(workload);
  if (why) refusals.push({ object, message: why });
  const { replicas, unavailable } = rolloutCost(workload);
  if (replicas - unavailable < 1) {
    refusals.push({
      object,
      message: `its rollout takes ${unavailable} of ${replicas} Pods out at once: its Services would have none`,
    });
  }
  const held = pods.find(
    ({ metadata }) =>
      metadata?.annotations?.[recordAnnotation] !== undefined &&
      matchesMap(workload.object.spec?.selector?.matchLabels, {
        ...templateLabels(workload),
        ...metadata.labels,
      }),
  );
  if (held) {
    refusals.push({
      object: `pod/${held.metadata?.name}`,
      message: 'a session holds it: a rollout would leave it behind; restore it first',
    });
  }
  return refusals;
}

function keptElsewhere(kept: KubeObject): string | undefined {
  const owner = kept.metadata?.ownerReferences?.find(({ controller }) => controller);
  if (owner) {
    return `${owner.kind.toLowerCase()}/${owner.name} owns it, and writes it as it wants it: change that one`;
  }
  const keeper = keeperOf(kept);
  return (
    keeper && `${keeper.name} keeps it (${keeper.sign}): commit the patch there (--patch prints it)`
  );
}

function findWarnings(
  { workload, services }: Surroundings,
  steps: readonly PreparationStep[],
  means: 'label' | 'gate',
): readonly string[] {
  const warnings: string[] = [];
  const object = describeWorkload(workload);
  if (services.length === 0) warnings.push(`no Service selects the Pods of ${object}`);
  const { replicas, unavailable } = rolloutCost(workload);
  if (steps[0]?.done === false && unavailable > 0 && unavailable < replicas) {
    warnings.push(
      `the rollout of ${object} takes up to ${unavailable} of ${replicas} Pods out at a time`,
    );
  }
  if (means === 'gate') {
    warnings.push(
      'a Pod whose gate is shut is unready, hence the first to go in a scale-down; prefer the label',
    );
  }
  return warnings;
}
