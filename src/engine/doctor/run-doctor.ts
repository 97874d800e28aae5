import type { Kube } from '../../kube/index.ts';
import { examine, type Examination } from './examine.ts';
import type { Finding } from './finding.ts';
import type { WorldRequest } from './read-world.ts';
import { repairAll, type RepairOptions, type RepairResult } from './repair.ts';

/** All that `kubectl pitstop doctor` tells, in the shape of `-o json`. */
export interface DoctorReport {
  readonly apiVersion: 'pitstop.dev/v1alpha1';
  readonly kind: 'DoctorReport';
  readonly metadata: { readonly namespace?: string };
  readonly status: {
    readonly environment: {
      readonly nodeVersion: string;
      readonly kubectl?: string;
      readonly context: string;
      readonly server: string;
      readonly serverVersion: string;
      readonly user: string;
      /** Positive: the server's clock is ahead. */
      readonly clockSkewMs?: number;
    };
    readonly looked: Examination['looked'];
    /** Those that are left, after the repairs. */
    readonly findings: readonly Finding[];
    /** Only with `--fix`. */
    readonly repairs?: readonly RepairResult[];
  };
}

export interface DoctorOptions extends RepairOptions {
  /**
   * Absent: nothing is touched. Asked with the findings that have a repair; what it answers is
   * repaired.
   */
  readonly choose?: (findings: readonly Finding[]) => Promise<readonly Finding[]>;
}

/** One repair may bring the next to light, or have been overtaken; more than that is no repair. */
const mostRounds = 3;

/** Looks, repairs what is chosen of what it found, and looks again, until nothing is left to repair. */
export async function runDoctor(
  kube: Kube,
  request: WorldRequest,
  options: DoctorOptions,
): Promise<DoctorReport> {
  const { signal, choose, dryRun } = options;
  let seen = await examine(kube, request, signal);
  if (!choose) return report(request, seen);
  let results: readonly RepairResult[] = [];
  for (let round = 1; round <= mostRounds; round += 1) {
    const repairable = seen.findings.filter(({ repair }) => repair);
    const chosen = repairable.length > 0 ? await choose(repairable) : [];
    if (chosen.length === 0) break;
    const again = { ...request, environment: seen.environment };
    const done = await repairAll(kube, chosen, again, options);
    results = [...results.filter((before) => !done.some((now) => isSame(before, now))), ...done];
    if (dryRun) break;
    seen = await examine(kube, request, signal);
  }
  return report(request, seen, results);
}

function isSame({ finding: a }: RepairResult, { finding: b }: RepairResult): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.object === b.object;
}

function withoutPassing(finding: Finding): Finding {
  const { passing: _, ...rest } = finding;
  return rest;
}

function report(
  { namespace }: WorldRequest,
  { environment, looked, findings }: Examination,
  repairs?: readonly RepairResult[],
): DoctorReport {
  const { nodeVersion, kubectl, context, server, serverVersion, clockSkewMs, rights } = environment;
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'DoctorReport',
    metadata: { ...(namespace !== undefined && { namespace }) },
    status: {
      environment: {
        nodeVersion,
        ...(kubectl !== undefined && { kubectl }),
        context,
        server,
        serverVersion: serverVersion.gitVersion,
        user: rights.user,
        ...(clockSkewMs !== undefined && { clockSkewMs }),
      },
      looked,
      // Both looks have found it: nobody needs to know that it took two.
      findings: findings.map(withoutPassing),
      ...(repairs && { repairs }),
    },
  };
}
