import type { Interlock, Plan, PlanService, RouteName } from '../plan.ts';
import type { PlanEntry } from '../entries.ts';
import type { MinReady } from '../request.ts';
import type { Snapshot } from '../snapshot.ts';
import { interlockCatalogue, type InterlockName } from './catalogue.ts';

/** What an interlock has found, before anybody asks whether it is overridden. */
export type Finding = Omit<Interlock, 'overridden' | 'overridable'> & {
  /** Only where this one cannot be overridden although others of its name can: why. */
  readonly final?: string;
};

/** What interlocks look at: the snapshot, and what the plan has decided so far. */
export interface Circumstances {
  readonly snapshot: Snapshot;
  readonly services: readonly PlanService[];
  readonly entries: readonly PlanEntry[];
  readonly route: RouteName | 'selector';
  readonly container: string;
  /** A diagnostic will be run in the container; `isolate` runs none. */
  readonly runsDiagnostic: boolean;
  readonly minReady?: MinReady | undefined;
}

/** The plan with what was found out after it was decided: by asking the server, or in the container. */
export function withFindings(
  plan: Plan,
  {
    findings,
    warnings = [],
    overrides,
  }: {
    readonly findings: readonly Finding[];
    readonly warnings?: readonly string[];
    readonly overrides?: readonly InterlockName[] | undefined;
  },
): Plan {
  const { status } = plan;
  const interlocks = inOrder([...status.interlocks, ...toInterlocks(findings, overrides)]);
  return {
    ...plan,
    status: { ...status, interlocks, warnings: [...status.warnings, ...warnings] },
  };
}

/** The findings as the plan lists them, in the catalogue's order. */
export function toInterlocks(
  findings: readonly Finding[],
  overrides: readonly InterlockName[] = [],
): readonly Interlock[] {
  return inOrder(
    findings.map(({ final, ...finding }) => {
      const overridable = (final ?? interlockCatalogue[finding.name].final) === undefined;
      const overridden = overridable && overrides.includes(finding.name);
      return { ...finding, overridable, overridden };
    }),
  );
}

function inOrder(interlocks: readonly Interlock[]): readonly Interlock[] {
  const order = Object.keys(interlockCatalogue);
  return interlocks.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

export function podObject({ pod }: Snapshot): string {
  return `pod/${pod.metadata?.name}`;
}
