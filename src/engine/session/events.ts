import type { Plan } from '../plan/plan.ts';
import type {
  Artifact,
  DiagnosticResult,
  Isolation,
  Phase,
  Restoration,
  Session,
  StepName,
} from './session.ts';

/**
 * What a session tells while it runs. The engine never logs: CLI lines, console, metrics and
 * Kubernetes Events are renderings of this one stream. `at` is RFC 3339 in UTC.
 */
export type SessionEvent =
  | {
      readonly type: 'session-started';
      readonly at: string;
      readonly session: Session;
      readonly plan: Plan;
    }
  | { readonly type: 'step-started'; readonly at: string; readonly step: StepName }
  | {
      readonly type: 'step-progress';
      readonly at: string;
      readonly step: StepName;
      readonly message: string;
      readonly doneBytes?: number;
      readonly totalBytes?: number;
    }
  | {
      readonly type: 'step-finished';
      readonly at: string;
      readonly step: StepName;
      readonly message: string;
    }
  | {
      readonly type: 'step-skipped';
      readonly at: string;
      readonly step: StepName;
      readonly message: string;
    }
  | {
      readonly type: 'step-failed';
      readonly at: string;
      readonly step: StepName;
      readonly message: string;
    }
  /** The isolating write was acknowledged: from now on a crash needs `restore`. */
  | { readonly type: 'pod-out'; readonly at: string }
  /** The restoring write was acknowledged, or seen to have been done. */
  | { readonly type: 'pod-back'; readonly at: string }
  /** The Pod exists no more: nothing is left that could be brought back. */
  | { readonly type: 'pod-gone'; readonly at: string }
  | { readonly type: 'isolation'; readonly at: string; readonly isolation: Isolation }
  | { readonly type: 'diagnostic'; readonly at: string; readonly diagnostic: DiagnosticResult }
  | { readonly type: 'artifact'; readonly at: string; readonly artifact: Artifact }
  | { readonly type: 'restoration'; readonly at: string; readonly restoration: Restoration }
  | { readonly type: 'warning'; readonly at: string; readonly message: string }
  | {
      readonly type: 'session-finished';
      readonly at: string;
      readonly phase: Extract<Phase, 'Isolated' | 'Succeeded' | 'Failed' | 'Interrupted'>;
      readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
    };

export type Emit = (event: SessionEvent) => void;
