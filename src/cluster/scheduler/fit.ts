import type { Pod } from 'kubernetes-types/core/v1.js';
import { hostPortsOf, isConflicting } from './host-ports.ts';
import { isSelected } from './node-affinity.ts';
import type { Candidate } from './node-usage.ts';
import { affinityRules, BAD_COMPANY, type Surroundings, UNWANTED } from './pod-affinity.ts';
import { amounts, requestsOf } from './requests.ts';
import { isCordoned, isUntolerated } from './taints.ts';
import { SKEWED, spreadRules } from './topology-spread.ts';

/** Why a node will not do, in the scheduler's words. */
export interface Misfit {
  readonly reasons: readonly string[];
  /** It would do if Pods went away. */
  readonly isCrowded: boolean;
}

/** Judges nodes for one Pod by upstream's filters; the first that a node does not pass tells why. */
export function filterFor(
  pod: Pod,
  surroundings: Surroundings,
): (candidate: Candidate) => Misfit | undefined {
  const tolerations = pod.spec?.tolerations ?? [];
  const ports = hostPortsOf(pod);
  const spread = spreadRules(pod, surroundings.candidates);
  const affinity = affinityRules(pod, surroundings);

  return (candidate) => {
    const { node, pods } = candidate;
    if (isCordoned(node, tolerations)) return hopeless('node(s) were unschedulable');
    if (isUntolerated(node, tolerations)) return hopeless('node(s) had untolerated taint(s)');
    if (!isSelected(pod, node))
      return hopeless("node(s) didn't match Pod's node affinity/selector");
    if (ports.length > 0) {
      const taken = [...pods].flatMap(hostPortsOf);
      if (ports.some((port) => taken.some((other) => isConflicting(port, other)))) {
        return crowded("node(s) didn't have free ports for the requested pod ports");
      }
    }
    const shortage = shortageOn(candidate, pod);
    if (shortage) return shortage;
    for (const rule of [...spread, ...affinity]) {
      const reason = rule(candidate);
      if (reason !== undefined) return CROWDED.has(reason) ? crowded(reason) : hopeless(reason);
    }
    return undefined;
  };
}

const CROWDED = new Set([SKEWED, BAD_COMPANY, UNWANTED]);

/** All that the node has too little of. */
function shortageOn({ node, pods, requested }: Candidate, pod: Pod): Misfit | undefined {
  const allocatable = allocatableOf(node);
  const reasons: string[] = [];
  let isCrowded = true;
  if (pods.size + 1 > (allocatable['pods'] ?? Infinity) / 1000) reasons.push('Too many pods');
  for (const [name, amount] of Object.entries(requestsOf(pod))) {
    // A node that says nothing about what it has is taken to have enough of everything.
    const limit = allocatable[name] ?? (node.status?.allocatable ? 0 : Infinity);
    if (amount === 0 || amount <= limit - (requested[name] ?? 0)) continue;
    reasons.push(`Insufficient ${name}`);
    if (amount > limit) isCrowded = false;
  }
  return reasons.length > 0 ? { reasons, isCrowded } : undefined;
}

export function allocatableOf(node: Candidate['node']): Readonly<Record<string, number>> {
  let known = allocatables.get(node);
  if (!known) {
    known = amounts(node.status?.allocatable);
    allocatables.set(node, known);
  }
  return known;
}

const allocatables = new WeakMap<Candidate['node'], Readonly<Record<string, number>>>();

function hopeless(reason: string): Misfit {
  return { reasons: [reason], isCrowded: false };
}

function crowded(reason: string): Misfit {
  return { reasons: [reason], isCrowded: true };
}
