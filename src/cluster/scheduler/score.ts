import type { Pod } from 'kubernetes-types/core/v1.js';
import { allocatableOf } from './fit.ts';
import { nodePreference } from './node-affinity.ts';
import { type Candidate, estimateOf } from './node-usage.ts';
import { companyScores, type Surroundings } from './pod-affinity.ts';
import { unwelcome } from './taints.ts';
import { spreadCosts } from './topology-spread.ts';

const BEST = 100;

/** The best of the nodes that will do: upstream's scores and weights; of equals the emptiest, then by name. */
export function bestOf(
  pod: Pod,
  fitting: readonly Candidate[],
  surroundings: Surroundings,
): Candidate | undefined {
  if (fitting.length < 2) return fitting[0];
  const tolerations = pod.spec?.tolerations ?? [];
  const company = companyScores(pod, { ...surroundings, candidates: fitting });
  const scores = total([
    [3, lessIsBetter(fitting.map(({ node }) => unwelcome(node, tolerations)))],
    [2, shareOfMost(fitting.map(({ node }) => nodePreference(pod, node)))],
    [2, mirrored(spreadCosts(pod, fitting))],
    [2, stretched(company)],
    [1, fitting.map((candidate) => freeShare(pod, candidate))],
    [1, fitting.map((candidate) => balance(pod, candidate))],
  ]);
  const [best] = fitting
    .map((candidate, index) => ({ candidate, score: scores[index] ?? 0 }))
    .sort(
      (a, b) =>
        b.score - a.score ||
        a.candidate.pods.size - b.candidate.pods.size ||
        (a.candidate.name < b.candidate.name ? -1 : 1),
    );
  return best?.candidate;
}

function total(parts: readonly (readonly [weight: number, scores: readonly number[]])[]): number[] {
  const totals: number[] = [];
  for (const [weight, scores] of parts) {
    for (const [index, score] of scores.entries()) {
      totals[index] = (totals[index] ?? 0) + weight * Math.trunc(score);
    }
  }
  return totals;
}

function shareOfMost(amounts: readonly number[]): number[] {
  const most = Math.max(...amounts);
  return amounts.map((amount) => (most > 0 ? (BEST * amount) / most : 0));
}

function lessIsBetter(amounts: readonly number[]): number[] {
  return shareOfMost(amounts).map((share) => BEST - share);
}

function mirrored(costs: readonly number[]): number[] {
  const most = Math.max(...costs);
  const least = Math.min(...costs);
  return costs.map((cost) => (most > 0 ? (BEST * (most + least - cost)) / most : BEST));
}

function stretched(scores: readonly number[]): number[] {
  const least = Math.min(...scores);
  const range = Math.max(...scores) - least;
  return scores.map((score) => (range > 0 ? (BEST * (score - least)) / range : 0));
}

const WEIGHED = ['cpu', 'memory'] as const;

/** How much of the node would be left, on the average of CPU and memory. */
function freeShare(pod: Pod, candidate: Candidate): number {
  const used = WEIGHED.map((name) => usedShare(pod, candidate, name));
  return used.reduce((sum, share) => sum + BEST * (1 - Math.min(1, share)), 0) / used.length;
}

/** CPU and memory had better run out together. */
function balance(pod: Pod, candidate: Candidate): number {
  const [cpu = 0, memory = 0] = WEIGHED.map((name) => Math.min(1, usedShare(pod, candidate, name)));
  return BEST * (1 - Math.abs(cpu - memory) / 2);
}

function usedShare(pod: Pod, { node, estimated }: Candidate, name: 'cpu' | 'memory'): number {
  const allocatable = allocatableOf(node)[name] ?? 0;
  if (allocatable === 0) return 0;
  return ((estimated[name] ?? 0) + (estimateOf(pod)[name] ?? 0)) / allocatable;
}
