import { findDisruptionInterlocks, idleWarnings } from './disruption.ts';
import type { Circumstances, Finding } from './finding.ts';
import { findForeignEntries } from './foreign-entry.ts';
import { findGitOps } from './gitops.ts';
import { findOwnerInterlocks } from './owner.ts';
import { findPodInterlocks } from './pod.ts';
import { findRollout } from './rollout.ts';
import { findServiceInterlocks } from './service.ts';
import { findSessionInterlocks } from './session.ts';

/** Every condition that the snapshot alone shows to speak against the stop. */
export function findInterlocks(circumstances: Circumstances): readonly Finding[] {
  return [
    findPodInterlocks,
    findSessionInterlocks,
    findOwnerInterlocks,
    findRollout,
    findServiceInterlocks,
    findForeignEntries,
    findGitOps,
    findDisruptionInterlocks,
  ].flatMap((find) => find(circumstances));
}

/** What does not refuse, and is said: what could not be looked at, and what may yet come. */
export function interlockWarnings(circumstances: Circumstances): readonly string[] {
  return [...unchecked(circumstances), ...idleWarnings(circumstances)];
}

function unchecked({ snapshot }: Circumstances): readonly string[] {
  const { budgets, autoscalers, pod } = snapshot;
  const where = `in namespace ${pod.metadata?.namespace}`;
  return [
    ...(budgets
      ? []
      : [`interlock pdb was not checked: poddisruptionbudgets cannot be listed ${where}`]),
    ...(autoscalers
      ? []
      : [
          `interlock hpa-scale-down was not checked: horizontalpodautoscalers cannot be listed ${where}`,
        ]),
  ];
}
