import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { matchesMap, type Labels } from '../plan/labels.ts';
import { controllerOf, familyOfReplicaSet, makerOf, makerOfName } from './maker.ts';
import { isMadeBySelector, isMirrored, isRunning, nameOf } from './listed.ts';
import type { NamespaceWorld } from './world.ts';

/** What a Service's selector was, and how that is known. */
export interface FormerSelector {
  readonly selector: Labels;
  readonly source: string;
  /** What else all listed Pods carry, and the Service may have selected on too: nobody kept a note. */
  readonly alsoShared: Labels;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** `kubectl pitstop prepare` gives it to a workload and its Service. */
const preparedKey = 'pitstop.dev/traffic';

/** Keys that controllers put on Pods, one value for each revision or Pod: nobody's Service selects on them. */
const controllerKeys = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
]);

/**
 * Works out the selector that a Service had when its slices were made: from what kubectl applied last,
 * else from the Pods that the slices list, and the workloads they belong to. Undefined when that would
 * also select Pods of something else: then only a person can know.
 */
export function formerSelector(
  service: Service,
  slices: readonly EndpointSlice[],
  world: NamespaceWorld,
): FormerSelector | undefined {
  const own = slices.filter(isMadeBySelector);
  // With those deleted by hand, what was mirrored from the Endpoints still tells.
  const listed = listedPods(own.length > 0 ? own : slices.filter(isMirrored), world);
  const applied = appliedSelector(service);
  if (
    applied &&
    (listed.length === 0 || listed.some(({ labels }) => matchesMap(applied, labels)))
  ) {
    return { selector: applied, source: 'as kubectl applied it last', alsoShared: {} };
  }
  const leftOut = leftOutPods(own, world);
  const common = commonLabels(listed.map(({ labels }) => labels));
  const families = new Set(listed.map(({ family }) => family));
  const [family] = families;
  const workload = families.size === 1 ? family : undefined;
  const narrowed = workload && within(workloadSelector(workload, world), common);
  // Nobody else puts this one on Pods, and for no other reason than that a Service selects on it.
  const prepared = Object.entries(common).filter(([key]) => key === preparedKey);
  for (const [selector, source] of [
    [
      narrowed && { ...narrowed, ...Object.fromEntries(prepared) },
      `as ${workload} selects the Pods that are still listed`,
    ],
    [common, 'what the Pods that are still listed have in common'],
  ] as const) {
    const sharp = selector && sharpened(selector, common, leftOut);
    if (sharp && Object.keys(sharp).length > 0 && selectsOnly(sharp, families, world)) {
      const rest = Object.entries(common).filter(([key]) => !Object.hasOwn(sharp, key));
      return { selector: sharp, source, alsoShared: Object.fromEntries(rest) };
    }
  }
  return undefined;
}

function appliedSelector({ metadata }: Service): Labels | undefined {
  try {
    const manifest = JSON.parse(metadata?.annotations?.[lastApplied] ?? '{}') as Service;
    const selector = manifest.spec?.selector;
    return selector && Object.keys(selector).length > 0 ? selector : undefined;
  } catch {
    return undefined;
  }
}

interface Listed {
  readonly labels: Labels;
  /** The workload it belongs to (`deployment/web`); its own name when nothing owns it. */
  readonly family: string;
}

/** The Pods that slices list; for one that is gone, or nobody's any more, the template it was made from. */
function listedPods(slices: readonly EndpointSlice[], world: NamespaceWorld): readonly Listed[] {
  const references = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .flatMap(({ targetRef }) => (targetRef?.kind === 'Pod' ? [targetRef] : []));
  return references.flatMap(({ name = '', uid }) => {
    const pod = world.pods.find((each) => each.metadata?.uid === uid && isRunning(each));
    // A Pod that lost its owner was relabelled since: what selected it was made for its template.
    const maker = pod ? !controllerOf(pod) && makerOf(pod, world) : makerOfName(name, world);
    if (maker) return [{ labels: maker.labels, family: maker.family }];
    return pod ? [{ labels: pod.metadata?.labels ?? {}, family: familyOf(pod, world) }] : [];
  });
}

/**
 * Pods that are in none of the slices although they were there when those last changed: what the
 * selector left out, such as a Pod that is isolated by a label of its own.
 */
function leftOutPods(slices: readonly EndpointSlice[], world: NamespaceWorld): readonly Pod[] {
  const changedAt = slices
    .flatMap(({ metadata }) => [
      metadata?.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'],
      // A slice that a person mended later tells nothing by that.
      ...(metadata?.managedFields ?? [])
        .filter(({ manager }) => manager === 'kube-controller-manager')
        .map(({ time }) => time),
    ])
    .map((time) => Date.parse(time ?? ''))
    .reduce((latest, time) => (time > latest ? time : latest), -Infinity);
  const listed = new Set(
    slices.flatMap(({ endpoints }) => endpoints ?? []).map(({ targetRef }) => targetRef?.uid),
  );
  return world.pods.filter(
    (pod) =>
      isRunning(pod) &&
      !listed.has(pod.metadata?.uid) &&
      Date.parse(pod.metadata?.creationTimestamp ?? '') < changedAt,
  );
}

/** With as many of the common labels more as it takes to leave those Pods out; undefined if none do. */
function sharpened(selector: Labels, common: Labels, leftOut: readonly Pod[]): Labels | undefined {
  const wrong = leftOut.filter((pod) => matchesMap(selector, pod.metadata?.labels ?? {}));
  const telling = Object.entries(common).filter(([key, value]) =>
    wrong.some((pod) => pod.metadata?.labels?.[key] !== value),
  );
  const sharp = { ...selector, ...Object.fromEntries(telling) };
  return wrong.some((pod) => matchesMap(sharp, pod.metadata?.labels ?? {})) ? undefined : sharp;
}

function familyOf(pod: Pod, { replicaSets }: NamespaceWorld): string {
  const owner = controllerOf(pod);
  if (!owner) return `pod/${nameOf(pod)}`;
  const replicaSet = replicaSets.find(({ metadata }) => metadata?.uid === owner.uid);
  return replicaSet ? familyOfReplicaSet(replicaSet) : `${owner.kind.toLowerCase()}/${owner.name}`;
}

function workloadSelector(family: string, world: NamespaceWorld): Labels {
  const [kind, name] = family.split('/');
  const workloads = {
    deployment: world.deployments,
    replicaset: world.replicaSets,
    statefulset: world.statefulSets,
    daemonset: world.daemonSets,
  }[kind ?? ''];
  return workloads?.find((each) => nameOf(each) === name)?.spec?.selector?.matchLabels ?? {};
}

function commonLabels(labels: readonly Labels[]): Labels {
  const [first = {}, ...others] = labels;
  return Object.fromEntries(
    Object.entries(first).filter(
      ([key, value]) => !controllerKeys.has(key) && others.every((each) => each[key] === value),
    ),
  );
}

/** The labels of `wanted` that all have in common; nothing if one is missing. */
function within(wanted: Labels, common: Labels): Labels | undefined {
  const keys = Object.keys(wanted).filter((key) => !controllerKeys.has(key));
  return keys.every((key) => common[key] === wanted[key])
    ? Object.fromEntries(keys.map((key) => [key, wanted[key] ?? '']))
    : undefined;
}

/** Whether it selects no Pod but those of the workloads whose Pods are listed. */
function selectsOnly(
  selector: Labels,
  families: ReadonlySet<string>,
  world: NamespaceWorld,
): boolean {
  return world.pods
    .filter((pod) => isRunning(pod) && matchesMap(selector, pod.metadata?.labels ?? {}))
    .every((pod) => families.has(familyOf(pod, world)));
}
