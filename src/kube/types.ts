import type { Duplex, Readable, Writable } from 'node:stream';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';

/** A wire-shaped Kubernetes object: plain JSON, timestamps are strings. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** The kinds pitstop touches, by their plural name; kube knows group, version and path of each. */
export type ResourceName =
  | 'pods'
  | 'services'
  | 'endpoints'
  | 'endpointslices'
  | 'namespaces'
  | 'nodes'
  | 'deployments'
  | 'replicasets'
  | 'statefulsets'
  | 'daemonsets'
  | 'replicationcontrollers'
  | 'jobs'
  | 'networkpolicies'
  | 'poddisruptionbudgets'
  | 'horizontalpodautoscalers'
  | 'events'
  | 'configmaps'
  | 'selfsubjectaccessreviews'
  | 'selfsubjectreviews';

export interface ObjectReference {
  readonly resource: ResourceName;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** An object as an ownerReference names it. */
export interface KindReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** Left out of the path where the kind has none. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** kubectl's connection flags, same names and precedence: flag > environment > kubeconfig. */
export interface ConnectOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly namespace?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly certificateAuthority?: string | undefined;
  /** Per request, in milliseconds; streams are exempt. */
  readonly requestTimeoutMs?: number | undefined;
}

export interface ListOptions {
  /** Absent = all namespaces (for namespaced kinds). */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface PatchOptions {
  readonly type: 'json' | 'merge' | 'strategic';
  readonly subresource?: 'status' | 'ephemeralcontainers' | undefined;
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface DeleteOptions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** As `/version` says it; `minor` is a number also where a provider writes `32+`. */
export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  readonly gitVersion: string;
}

/** `SYNCED` follows the ADDEDs of the first list and of every relist: from then on the picture is whole. */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'SYNCED' };

/**
 * Takes bytes of a large output without a copy of each: their memory is used again once `take` returns.
 * While a promise that it returns is pending nothing more comes.
 */
export interface ByteTaker {
  take(bytes: Buffer): void | Promise<void>;
}

export interface ExecOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin?: Readable | undefined;
  /** Written with backpressure; never ended by exec. */
  readonly stdout?: Writable | ByteTaker | undefined;
  readonly stderr?: Writable | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExecOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PortForwardOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  /** Also ends the connection once it stands. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A connection to one cluster as one user. Reads answer `undefined` for 404; everything else that
 * goes wrong throws `KubeError`. Speaks only the public API of Kubernetes 1.27–1.36.
 */
export interface Kube extends AsyncDisposable {
  readonly server: string;
  readonly context: string;
  /** The namespace of flags or context, `default` otherwise. */
  readonly namespace: string;
  /** The user's name in the kubeconfig, for the undo record ("by whom"). */
  readonly user: string;
  /**
   * Milliseconds by which the server's clock is ahead of this machine's, as the Date of its answers
   * tells (0 where the two may agree); undefined before the first answer.
   */
  readonly clockSkewMs: number | undefined;

  version(options?: { signal?: AbortSignal | undefined }): Promise<ServerVersion>;
  /** Names of what a group version serves (`pods`, `pods/exec`); undefined where it serves none. */
  discover(
    groupVersion: string,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<ReadonlySet<string> | undefined>;
  get<T>(
    reference: ObjectReference,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<T | undefined>;
  /** For kinds of any API, by the reference that an object holds; `undefined` when the server has no such kind too. */
  getByKind<T>(
    reference: KindReference,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<T | undefined>;
  /** Pages through everything (`limit`, `continue`). */
  list<T>(resource: ResourceName, options?: ListOptions): Promise<readonly T[]>;
  create<T>(
    resource: ResourceName,
    object: T & KubeObject,
    options?: { dryRun?: boolean | undefined; signal?: AbortSignal | undefined },
  ): Promise<T>;
  /** fieldManager is always `pitstop`. Preconditions travel inside the patch (uid, resourceVersion; `test` in JSON Patch). */
  patch<T>(reference: ObjectReference, patch: unknown, options: PatchOptions): Promise<T>;
  /** `uid` and `resourceVersion` are preconditions: another object of that name, or a changed one, stays. */
  delete(reference: ObjectReference, options?: DeleteOptions): Promise<void>;
  /**
   * Lists, yields an ADDED for each object and a SYNCED, then every change; reconnects and relists by itself
   * (410, dropped connection, proxies' timeouts; after a relist a vanished object comes as DELETED),
   * and ends only with `signal` or a final refusal (401, 403, 404).
   */
  watch<T>(
    resource: ResourceName,
    options: ListOptions & { signal: AbortSignal },
  ): AsyncIterable<WatchEvent<T>>;
  /**
   * Runs a command in a container. Resolves with the command's exit code once the status arrived and
   * all output was written; a stream that closes without a status throws `KubeError('exec-cut')`.
   */
  exec(options: ExecOptions): Promise<{ readonly exitCode: number }>;
  /** `exec` with its (small) output as text; refuses more than `maxBytes` (1 MiB). */
  execText(
    options: Omit<ExecOptions, 'stdin' | 'stdout' | 'stderr'> & { maxBytes?: number | undefined },
  ): Promise<ExecOutput>;
  /**
   * One connection to a port on the Pod's loopback. A port nobody listens on shows as the stream's
   * error (`forward-refused`), a lost connection as `forward-cut`; the other side's end is its end.
   */
  portForward(options: PortForwardOptions): Promise<Duplex>;
}
