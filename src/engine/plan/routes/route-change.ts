import type { Labels } from '../labels.ts';
import type { RouteName } from '../plan.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Reach } from '../traffic.ts';

/** Label keys and what they become; `null` = removed. */
export type LabelChange = Readonly<Record<string, string | null>>;

/** What one route would write so that the Pod leaves every Service it was asked about. */
export interface RouteChange {
  readonly labels: LabelChange;
  /** Pod conditions that go to `False` (route `gate`). */
  readonly conditions?: readonly string[];
  /** By Service, the selector that is saved on it and removed (route `selector`). */
  readonly selectors?: Readonly<Record<string, Labels>>;
  /** For each of the Services: the means by which it is left, and the means in words. */
  readonly services: readonly ServiceChange[];
  readonly reasons: readonly string[];
}

interface ServiceChange {
  readonly name: string;
  /** May be gentler than the route as a whole: `gate` leaves some Services by a label. */
  readonly by: RouteName;
  /** `without label tier`; completes "leaves service/x …". */
  readonly how: string;
}

/** One route as the plan tries it: the change, or in words why it cannot be. */
export interface RouteCandidate {
  readonly name: RouteName;
  /** Why it is never chosen but by `--route`. */
  readonly onRequest?: string;
  find(snapshot: Snapshot, reach: readonly Reach[]): RouteChange | string;
}
