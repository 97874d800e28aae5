/** Which requests to the API server; every field given must be equal, none means every request. */
export interface RequestMatch {
  readonly verb?:
    | 'get'
    | 'list'
    | 'watch'
    | 'create'
    | 'update'
    | 'patch'
    | 'delete'
    | 'deletecollection';
  /** Plural: `pods`. */
  readonly resource?: string;
  /** `status`, `exec`, …; empty = only the resource itself. */
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Who asks: `kubernetes-admin`, `system:serviceaccount:default:default`. */
  readonly user?: string;
}

/** What happens to such a request. */
export type RequestEffect =
  /** Answered with this Status instead of being served. */
  | {
      readonly type: 'status';
      readonly code: 403 | 409 | 410 | 429 | 500 | 503 | 504;
      /** Sent as `Retry-After`. */
      readonly retryAfterSeconds?: number;
      readonly message?: string;
    }
  /** The connection breaks before the server has done anything. */
  | { readonly type: 'lost-request' }
  /** The server does it, and the connection breaks before the client has the answer. */
  | { readonly type: 'lost-answer' }
  /** Never answered: the client has to give up. */
  | { readonly type: 'timeout' }
  /** Every byte of the answer, a watch's events too, comes this much later. */
  | { readonly type: 'delay'; readonly ms: number }
  /** A watch (or a long answer) whose connection breaks after so long. */
  | { readonly type: 'cut'; readonly afterMs: number };

export interface RequestFault {
  readonly kind: 'request';
  readonly match?: RequestMatch;
  readonly effect: RequestEffect;
}

/** Which container; every field given must be equal. */
export interface ContainerMatch {
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
}

/** The ways in which exec is known to end short on real clusters. */
export interface ExecFault {
  readonly kind: 'exec';
  readonly match?: ContainerMatch & {
    /** Words that stand somewhere in the command line. */
    readonly command?: string;
  };
  /** Bytes of stdout that still go through. */
  readonly cutAtByte: number;
  /**
   * What the client sees then. `success`: the output ends and the status says Success; `silent`: the
   * connection closes without any status; `stall`: nothing for `stallMs`, then the rest.
   */
  readonly ending: 'success' | 'silent' | 'stall';
  /** Milliseconds; only with `stall`. */
  readonly stallMs?: number;
}

/** A probe that fails whatever the container says. */
export interface ProbeFault {
  readonly kind: 'probe';
  readonly match?: ContainerMatch & { readonly probe?: 'liveness' | 'readiness' | 'startup' };
}

/** Rehearsed damage, off unless asked for. */
export type Fault = (RequestFault | ExecFault | ProbeFault) & {
  /** So many times, then never again; by default until it is removed. */
  readonly times?: number;
  /** So many matches are left alone before. */
  readonly skip?: number;
};

/** A fault as the cluster keeps it. */
export interface FaultRecord {
  readonly id: string;
  readonly fault: Fault;
  /** How often it has struck. */
  readonly fired: number;
}

/** One request as faults are matched with it: what `RequestMatch` names, and `path` for others. */
export type RequestFacts = Readonly<Record<string, string>>;

export interface ExecFacts {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

export interface ProbeFacts {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly probe: 'liveness' | 'readiness' | 'startup';
}
