import type { ObjectReference } from '../../kube/index.ts';
import type { Write } from '../routes/route.ts';

/** All that the doctor can find, in one table; docs/reference/doctor.md lists the same names. */
export const findingNames = {
  'node-version': 'This Node.js is older than pitstop needs.',
  'kubectl-missing': 'There is no kubectl on the PATH.',
  'plugin-missing': 'kubectl does not find pitstop: no `kubectl-pitstop` on the PATH.',
  'server-version': 'The server is no Kubernetes version that pitstop is tested with.',
  'clock-skew': 'This machine and the API server disagree about the time.',
  'api-missing': 'The server does not serve an API that pitstop needs.',
  rbac: 'Your user may not do what a route or a diagnostic needs.',
  'not-looked-at': 'A kind of object could not be listed, or a container not looked into.',
  'session-expired': 'The deadline of a session is over, and its Pod is still out.',
  'session-silent': 'A running session has not renewed its undo record for two leases.',
  'record-unreadable': 'An undo record cannot be read, so nothing can be undone from it.',
  'record-orphaned': 'An object carries the record of a session that no Pod is out for.',
  'selector-removed': 'A Service has lost its selector: its EndpointSlices stand still.',
  'mirrored-leftover':
    'A mirrored EndpointSlice has outlived the selector-less time of its Service.',
  'foreign-slice': 'An EndpointSlice made by hand changes whom a Service with a selector reaches.',
  'listed-elsewhere': 'An EndpointSlice lists a Pod of another namespace.',
  'dead-address': 'A Service without a selector lists Pods that are gone.',
  'stale-slice': "The controllers do not keep a Service's EndpointSlices up to date.",
  'endpoints-edited':
    'An Endpoints object was edited under a selector; traffic does not follow it.',
  'orphaned-pod': 'A Pod has lost its owner because its labels no longer match.',
  'deletion-cost': 'A Pod carries a deletion cost that nobody needs any more.',
  'helper-running': 'An ephemeral container of a finished piece of work still runs.',
  'session-files': 'A session has left files in a container.',
  'gate-held': 'A Pod is held out by the readiness gate of pitstop, and no session holds it.',
} as const;

type FindingName = keyof typeof findingNames;

/** `error`: traffic fails or stands still, or nothing works; `note`: worth knowing, nothing is wrong. */
export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  readonly name: FindingName;
  readonly severity: Severity;
  /** Absent where the finding is about the machine or the whole cluster. */
  readonly namespace?: string;
  /** `service/my-svc`, `pod/web-1`; `cluster` or `machine` where it is no object. */
  readonly object: string;
  readonly message: string;
  /** What was seen, a line each. */
  readonly details?: readonly string[];
  /** What it costs right now, per port of the Service. */
  readonly cost?: readonly PortCost[];
  /** What `--fix` does; absent where nothing is safe without a person's judgement. */
  readonly repair?: Repair;
  /** What to type or do where there is no repair, or instead of it. */
  readonly hint?: string;
  /** Controllers may be just about to clear it: it counts only when a second look finds it too. */
  readonly passing?: boolean;
}

/** Of requests that a data plane spreads evenly over the addresses of one Service port. */
export interface PortCost {
  /** `80 (http)`. */
  readonly port: string;
  /** Distinct addresses that take new connections. */
  readonly addresses: number;
  /** Of them: nobody answers there. */
  readonly failing: number;
  /** Of them: a Pod answers that is not one of the Service's. */
  readonly astray: number;
  /** Of them: the Pod is not Ready. */
  readonly unready: number;
}

export interface Repair {
  /** In the infinitive: `put the selector app=web back`. */
  readonly description: string;
  /** Sent in this order; each names the state it was made for. */
  readonly writes: readonly RepairWrite[];
  /** Not writes but a whole way home, from the Pod's undo record. */
  readonly restore?: { readonly pod: string; readonly onlyIfExpired: boolean };
  /** Not a write but a word to the program of an ephemeral container of ours. */
  readonly end?: { readonly pod: string; readonly container: string };
}

export type RepairWrite =
  | ({ readonly verb: 'patch' } & Write)
  | {
      readonly verb: 'delete';
      readonly reference: ObjectReference;
      readonly uid: string | undefined;
      readonly resourceVersion: string | undefined;
    };
