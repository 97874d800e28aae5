import type { Pod, PodAffinityTerm } from 'kubernetes-types/core/v1.js';
import { labelSelectorMatcher } from '../store/index.ts';
import type { Candidate } from './node-usage.ts';

const NO_COMPANY = "node(s) didn't match pod affinity rules";
export const BAD_COMPANY = "node(s) didn't match pod anti-affinity rules";
export const UNWANTED = "node(s) didn't satisfy existing pods anti-affinity rules";

/** How the rules between Pods judge one node: the reason why not, or nothing. */
export type AffinityRule = (candidate: Candidate) => string | undefined;

export interface Surroundings {
  readonly candidates: readonly Candidate[];
  /** Those of the Pods on nodes that have affinity rules of their own. */
  readonly withAffinity: ReadonlySet<Pod>;
  /** The labels of a namespace. */
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>> | undefined;
}

/** The rules that must be kept, looked up once for all nodes: company first, in upstream's order. */
export function affinityRules(pod: Pod, surroundings: Surroundings): AffinityRule[] {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const wanted = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const avoided = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...(wanted.length > 0 ? [companyRule(pod, wanted, surroundings)] : []),
    ...avoided.map((term) => {
      const found = topologiesWith(term, matcherOf(pod, term, surroundings), surroundings);
      return (candidate: Candidate) =>
        found.has(topologyOf(candidate, term) ?? NOWHERE) ? BAD_COMPANY : undefined;
    }),
    ...objections(pod, surroundings),
  ];
}

const NOWHERE = '';

/** The first Pod of a group that wants to be together may be alone. */
function companyRule(
  pod: Pod,
  terms: readonly PodAffinityTerm[],
  surroundings: Surroundings,
): AffinityRule {
  // A Pod is company only where it satisfies all the terms at once.
  const matchers = terms.map((term) => matcherOf(pod, term, surroundings));
  const matchesAll = (other: Pod): boolean => matchers.every((matches) => matches(other));
  const found = terms.map((term) => topologiesWith(term, matchesAll, surroundings));
  const isFirst = found.every((topologies) => topologies.size === 0) && matchesAll(pod);
  return (candidate) => {
    const topologies = terms.map((term) => topologyOf(candidate, term));
    if (topologies.includes(undefined)) return NO_COMPANY;
    const isAmong = topologies.every((topology, index) => found[index]?.has(topology ?? NOWHERE));
    return isAmong || isFirst ? undefined : NO_COMPANY;
  };
}

/** Those already there may object to the new one. */
function objections(pod: Pod, surroundings: Surroundings): AffinityRule[] {
  const closed = new Set<string>();
  for (const { other, candidate } of located(surroundings)) {
    const terms =
      other.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    for (const term of terms) {
      const topology = topologyOf(candidate, term);
      if (topology !== undefined && matcherOf(other, term, surroundings)(pod)) closed.add(topology);
    }
  }
  if (closed.size === 0) return [];
  const keys = new Set([...closed].map((topology) => topology.slice(0, topology.indexOf('='))));
  return [
    (candidate) =>
      [...keys].some((topologyKey) => closed.has(topologyOf(candidate, { topologyKey }) ?? NOWHERE))
        ? UNWANTED
        : undefined,
  ];
}

/** What the Pod would rather have, and what those on each node would rather have of it. */
export function companyScores(pod: Pod, surroundings: Surroundings): number[] {
  const scores = new Map<string, number>();
  const keys = new Set<string>();
  const credit = (topologyKey: string, candidate: Candidate, weight: number): void => {
    const topology = topologyOf(candidate, { topologyKey });
    if (topology === undefined) return;
    keys.add(topologyKey);
    scores.set(topology, (scores.get(topology) ?? 0) + weight);
  };
  for (const { term, weight } of preferences(pod)) {
    const matches = matcherOf(pod, term, surroundings);
    for (const candidate of surroundings.candidates) {
      for (const other of candidate.pods) {
        if (matches(other)) credit(term.topologyKey, candidate, weight);
      }
    }
  }
  for (const { other, candidate } of located(surroundings)) {
    for (const { term, weight } of [...preferences(other), ...requirements(other)]) {
      if (matcherOf(other, term, surroundings)(pod)) credit(term.topologyKey, candidate, weight);
    }
  }
  return surroundings.candidates.map((candidate) => {
    let total = 0;
    for (const topologyKey of keys) {
      total += scores.get(topologyOf(candidate, { topologyKey }) ?? NOWHERE) ?? 0;
    }
    return total;
  });
}

interface Weighted {
  readonly term: PodAffinityTerm;
  readonly weight: number;
}

function preferences({ spec }: Pod): Weighted[] {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  const weighted = (
    terms: { readonly podAffinityTerm: PodAffinityTerm; readonly weight: number }[] = [],
    sign: 1 | -1,
  ) => terms.map(({ podAffinityTerm: term, weight }) => ({ term, weight: sign * weight }));
  return [
    ...weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, 1),
    ...weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
  ];
}

/** Upstream's hardPodAffinityWeight: who must have company is glad of more. */
function requirements({ spec }: Pod): Weighted[] {
  const terms = spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.map((term) => ({ term, weight: 1 }));
}

function* located({ candidates, withAffinity }: Surroundings) {
  if (withAffinity.size === 0) return;
  const byName = new Map(candidates.map((candidate) => [candidate.name, candidate]));
  for (const other of withAffinity) {
    const candidate = byName.get(other.spec?.nodeName ?? '');
    if (candidate) yield { other, candidate };
  }
}

function topologiesWith(
  term: PodAffinityTerm,
  matches: (pod: Pod) => boolean,
  { candidates }: Surroundings,
): Set<string> {
  const found = new Set<string>();
  for (const candidate of candidates) {
    const topology = topologyOf(candidate, term);
    if (topology === undefined || found.has(topology)) continue;
    for (const other of candidate.pods) {
      if (!matches(other)) continue;
      found.add(topology);
      break;
    }
  }
  return found;
}

/** `key=value`; `undefined` on a node without the label. */
function topologyOf(
  { node }: Candidate,
  { topologyKey }: Pick<PodAffinityTerm, 'topologyKey'>,
): string | undefined {
  const value = node.metadata?.labels?.[topologyKey];
  return value === undefined ? undefined : `${topologyKey}=${value}`;
}

/** No selector matches nothing; neither namespaces nor a selector of them means the Pod's own. */
function matcherOf(
  { metadata }: Pod,
  { labelSelector, namespaces = [], namespaceSelector }: PodAffinityTerm,
  { namespaceLabels }: Surroundings,
): (pod: Pod) => boolean {
  if (!labelSelector) return () => false;
  const selects = labelSelectorMatcher(labelSelector);
  const names = namespaces.length > 0 || namespaceSelector ? namespaces : [metadata?.namespace];
  const selectsNamespace = namespaceSelector && labelSelectorMatcher(namespaceSelector);
  return (pod) => {
    if (!selects(pod.metadata?.labels)) return false;
    const namespace = pod.metadata?.namespace ?? '';
    return names.includes(namespace) || selectsNamespace?.(namespaceLabels(namespace)) === true;
  };
}
