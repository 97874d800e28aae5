import type { RouteName } from '../plan/plan.ts';

/** Services → slices → Pods, and who is out (`kubectl pitstop status`). */
export interface StatusReport {
  readonly apiVersion: 'pitstop.dev/v1alpha1';
  readonly kind: 'StatusReport';
  /** Empty = every namespace. */
  readonly metadata: { readonly namespace: string };
  readonly services: readonly ServiceStatus[];
  readonly sessions: readonly RecordedSession[];
  /** Records that cannot be read, one sentence each. */
  readonly problems: readonly string[];
}

export interface ServiceStatus {
  readonly namespace: string;
  readonly name: string;
  /** Its own, or the one that sessions of route `selector` hold for it; empty without one. */
  readonly selector: Readonly<Record<string, string>>;
  /** Sessions (ids) of route `selector` that hold its selector. */
  readonly heldBy: readonly string[];
  readonly slices: readonly SliceStatus[];
  readonly endpoints: readonly EndpointStatus[];
}

export interface SliceStatus {
  readonly name: string;
  /** By its label: `endpointslice-controller.k8s.io`, …; empty without one. */
  readonly managedBy: string;
  readonly addressType: string;
}

export interface EndpointStatus {
  readonly address: string;
  readonly pod?: string;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly slice: string;
  /** It names a Pod that does not exist (any more): whoever is sent there fails. */
  readonly podGone?: true;
}

/** A session, as the undo records on objects tell of it. */
export interface RecordedSession {
  readonly namespace: string;
  readonly pod: string;
  readonly id: string;
  readonly by: string;
  readonly since: string;
  readonly deadline?: string;
  readonly overdue: boolean;
  /** When a running session last said that it lives; absent where the Pod carries no record. */
  readonly renewedAt?: string;
  /** Renewed too long ago, by the server's clock: probably nobody works on it. `restore --expired` makes sure. */
  readonly stale: boolean;
  readonly route: RouteName;
  /** `returning`: on its way home. */
  readonly phase: 'out' | 'returning';
  /** Services that the Pod was taken out of. */
  readonly services: readonly string[];
  readonly diagnostic: string;
  /** What carries its record: `pod/web-1`, `service/web`, `endpointslice/web-x7`, `endpoints/web`. */
  readonly records: readonly string[];
  /** What stands in the way of its end, one sentence each. */
  readonly problems: readonly string[];
}
