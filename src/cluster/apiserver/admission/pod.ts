import type { PodSpec, Toleration } from 'kubernetes-types/core/v1.js';
import type { RuntimeClass } from 'kubernetes-types/node/v1.js';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1.js';
import type { Store } from '../../store/index.ts';
import type { Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { forbidden } from '../words.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** DefaultTolerationSeconds, Priority and RuntimeClass; throws 403 for a class that is not there. */
export function admitPod(store: Store, resource: Resource, draft: Draft): void {
  const spec: Mutable<PodSpec> = { ...(draft.spec as unknown as PodSpec) };
  draft.spec = spec;
  spec.tolerations = withDefaults(spec.tolerations ?? []);
  const refuse = (why: string) => {
    const { generateName, name = '' } = draft.metadata;
    // Upstream has not made a name of it yet.
    return forbidden(resource, generateName ?? name, why);
  };
  setPriority(store, spec, refuse);
  setOverhead(store, spec, refuse);
}

type Refuse = (why: string) => Error;

function setPriority(store: Store, spec: Mutable<PodSpec>, refuse: Refuse): void {
  const name = spec.priorityClassName;
  const found = name ? priorityClass(store, name) : defaultPriorityClass(store);
  if (name && !found) throw refuse(`no PriorityClass with name ${name} was found`);
  const { value = 0, preemptionPolicy = 'PreemptLowerPriority' } = found ?? {};
  if (!name && found?.metadata?.name) spec.priorityClassName = found.metadata.name;
  const computed = (what: string, given: string, right: string) =>
    refuse(
      `the ${what} (${given}) must not be provided in pod spec; priority admission controller computed ${right} from the given PriorityClass name`,
    );
  if (spec.priority !== undefined && spec.priority !== value) {
    throw computed('integer value of priority', `${spec.priority}`, `${value}`);
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    throw computed('string value of PreemptionPolicy', spec.preemptionPolicy, preemptionPolicy);
  }
  spec.priority = value;
  spec.preemptionPolicy = preemptionPolicy;
}

function priorityClass(store: Store, name: string): PriorityClass | undefined {
  return store.collection('priorityclasses').get(name)?.object as PriorityClass | undefined;
}

/** Of several global defaults the smallest counts. */
function defaultPriorityClass(store: Store): PriorityClass | undefined {
  const defaults = store
    .collection('priorityclasses')
    .entries()
    .map(({ object }) => object as PriorityClass)
    .filter(({ globalDefault }) => globalDefault);
  return defaults.sort((a, b) => a.value - b.value)[0];
}

function setOverhead(store: Store, spec: Mutable<PodSpec>, refuse: Refuse): void {
  const name = spec.runtimeClassName;
  const runtimeClass = name
    ? (store.collection('runtimeclasses').get(name)?.object as RuntimeClass | undefined)
    : undefined;
  if (name && !runtimeClass) throw refuse(`pod rejected: RuntimeClass "${name}" not found`);
  const overhead = runtimeClass?.overhead?.podFixed;
  if (spec.overhead && !isSame(spec.overhead, overhead ?? {})) {
    throw refuse(
      runtimeClass
        ? "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
        : 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    );
  }
  if (overhead) spec.overhead = overhead;
  const { nodeSelector, tolerations } = runtimeClass?.scheduling ?? {};
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value) {
      throw refuse(
        `pod rejected: conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
      );
    }
  }
  if (nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  if (tolerations) spec.tolerations = [...(spec.tolerations ?? []), ...tolerations];
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

const TOLERATION_SECONDS = 300;
const TOLERATED_TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

function withDefaults(tolerations: readonly Toleration[]): Toleration[] {
  const missing = TOLERATED_TAINTS.filter(
    (taint) =>
      !tolerations.some(
        ({ key, effect }) => (!key || key === taint) && (!effect || effect === 'NoExecute'),
      ),
  );
  return [
    ...tolerations,
    ...missing.map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: TOLERATION_SECONDS,
    })),
  ];
}
