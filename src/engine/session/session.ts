import type { FindingsTable } from '../artifact/findings.ts';
import type { RouteName } from '../plan/plan.ts';

/** The five steps of a session, in their order. */
export const stepNames = ['isolate', 'drain', 'diagnose', 'collect', 'restore'] as const;
export type StepName = (typeof stepNames)[number];

export type StepState = 'pending' | 'running' | 'done' | 'failed' | 'skipped';

export type Phase =
  | 'Planned'
  | 'Isolating'
  | 'Draining'
  | 'Diagnosing'
  | 'Collecting'
  | 'Restoring'
  /** `isolate` has done its work: the Pod stays out. */
  | 'Isolated'
  | 'Succeeded'
  | 'Failed'
  | 'Interrupted';

/**
 * One pit stop of one Pod, as `-o json`, the library, the console and the controller show it.
 * Times are RFC 3339 in UTC, sizes bytes, durations milliseconds.
 */
export interface Session {
  readonly apiVersion: 'pitstop.dev/v1alpha1';
  readonly kind: 'Session';
  readonly metadata: {
    /** The session's id, also on the Pod in the undo record. */
    readonly name: string;
    readonly namespace: string;
    readonly creationTimestamp: string;
  };
  readonly spec: {
    readonly pod: string;
    readonly podUid: string;
    readonly container: string;
    readonly route: RouteName;
    /** Name in the catalogue, `command`, or `none` for `isolate`. */
    readonly diagnostic: string;
    readonly command?: readonly string[];
    /** Options of the diagnostic, as they followed `--`. */
    readonly options?: readonly string[];
    /** Of `isolate`: from then on `restore --expired` puts the Pod back; by itself nothing does. */
    readonly deadline?: string;
  };
  readonly status: SessionStatus;
}

export interface SessionStatus {
  readonly phase: Phase;
  /** True from the isolating write until the restoring one (or the Pod's end): what exit code 3 is about. */
  readonly podOut: boolean;
  readonly steps: readonly SessionStep[];
  readonly route: {
    readonly name: RouteName;
    readonly reasons: readonly string[];
    readonly rejected: readonly { readonly name: RouteName; readonly reason: string }[];
  };
  readonly isolation?: Isolation;
  readonly diagnostic?: DiagnosticResult;
  readonly artifact?: Artifact;
  readonly restoration?: Restoration;
  readonly warnings: readonly string[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

export interface SessionStep {
  readonly name: StepName;
  readonly state: StepState;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly message?: string;
}

export interface Isolation {
  readonly services: readonly string[];
  /** Every slice that listed the Pod before, and has been seen without it (or with it not ready). */
  readonly slices: readonly string[];
  /** When all slices were without it *and* the drain was over. */
  readonly provenAt?: string;
  readonly connections?: {
    readonly atStart: number;
    readonly atProof: number;
    /** Idle connections that were closed for the drain (`--sever=idle`). */
    readonly severed?: number;
    /** Connections opened after the last slice let the Pod go, and seen by any later look at its sockets. */
    readonly newSince: number;
  };
}

export interface DiagnosticResult {
  readonly name: string;
  readonly tool: string;
  readonly pid?: number;
  readonly exitCode?: number;
  readonly durationMs: number;
  /** For how long the process stood still, by its own account; absent when it does not tell. */
  readonly pauseMs?: number;
}

export interface Artifact {
  /** Absolute local path; `-` when it went to stdout. */
  readonly path: string;
  readonly remotePath: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** What most of it travelled as. */
  readonly compression: 'none' | 'zstd' | 'gzip';
  /** Bytes that came over the wire in this session, of all streams; an earlier one may have brought more. */
  readonly wireBytes?: number;
  /** How it is kept: `sizeBytes` and `sha256` are those of the content as it was dumped. */
  readonly stored?: 'dumped' | 'zstd' | 'gzip';
  /** Size of the file at `path`. */
  readonly storedBytes?: number;
  /** Size and SHA-256 agree on both ends *and* the content is well-formed. */
  readonly verified: boolean;
  readonly format: string;
  /** What a first look at the content tells, one line a fact (`850,000 objects`). */
  readonly summary: readonly string[];
  /** What there is most of (classes by size), the five largest of each. */
  readonly tables?: readonly FindingsTable[];
  readonly durationMs: number;
  readonly remoteRemoved: boolean;
}

export interface Restoration {
  readonly provenAt?: string;
  /** The slices that list the Pod ready again. */
  readonly slices: readonly string[];
  /** A new connection of Service traffic was seen in the Pod's sockets; false = none came while we looked. */
  readonly trafficSeen: boolean;
  /** Route `release`: the replacement that the owner removed again. */
  readonly replacementRemoved?: string;
  /** The Pod was deleted instead, as was asked for; the slices list the replacement, if there is one. */
  readonly podDeleted?: boolean;
  readonly replacementKept?: string;
}
