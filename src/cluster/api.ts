/* oxlint-disable typescript/no-unnecessary-type-parameters -- callers say what kind they read; the resource's name does not tell the compiler */
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import type { Duplex, Readable, Writable } from 'node:stream';

/** Any object the API server stores: wire-shaped, never a class. Objects handed out are frozen. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** The plural name under which a kind is stored and served: `pods`, `endpointslices`, `deployments`. */
type ResourceName = string;

export interface ObjectKey {
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface WriteOptions {
  /** managedFields' manager; the controllers' own name, or what the request said. */
  readonly fieldManager?: string;
  /** `status`, `scale`, … ; absent = the main resource. */
  readonly subresource?: string;
  readonly dryRun?: boolean;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface PatchOptions extends WriteOptions {
  readonly type: PatchType;
  /** Only with `apply`. */
  readonly force?: boolean;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface WatchEvent<T = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
  /** The object before a MODIFIED or DELETED. */
  readonly previous?: T;
}

/**
 * The API server as its own controllers and kubelet see it: the same pipeline (defaults, admission,
 * validation, managedFields, store) that HTTP requests go through, without the HTTP. Everything is
 * synchronous, because the store is memory and has one writer. Throws `ApiError`.
 */
export interface Api {
  get<T = KubeObject>(resource: ResourceName, key: ObjectKey): T | undefined;
  list<T = KubeObject>(resource: ResourceName, options?: ListOptions): readonly T[];
  create<T = KubeObject>(resource: ResourceName, object: T, options?: WriteOptions): T;
  /** Optimistic: `metadata.resourceVersion`, when present, must be the stored one (409 Conflict). */
  update<T = KubeObject>(resource: ResourceName, object: T, options?: WriteOptions): T;
  patch<T = KubeObject>(
    resource: ResourceName,
    key: ObjectKey,
    patch: unknown,
    options: PatchOptions,
  ): T;
  /** Returns the object as it is after the call: gone, or still there and terminating. */
  delete<T = KubeObject>(resource: ResourceName, key: ObjectKey, options?: DeleteOptions): T;
  /**
   * Calls `listener` with an ADDED for every object there is, at once, and then with each change in
   * the order of commits, from inside the write. A listener only notes what it has seen (enqueues a
   * key); it never writes.
   */
  watch<T = KubeObject>(
    resource: ResourceName,
    listener: (event: WatchEvent<T>) => void,
    options?: { readonly namespace?: string },
  ): Disposable;
}

/** What the API server asks of the kubelet: the streams behind `pods/log`, `exec`, `attach`, `portforward`. */
export interface NodeAgent {
  exec(pod: Pod, options: ExecOptions): Promise<ExecSession>;
  attach(pod: Pod, options: ExecOptions): Promise<ExecSession>;
  /** Text lines as the container wrote them; ends when the container ends, unless `follow` is false: then at once. */
  logs(pod: Pod, options: LogOptions): Promise<Readable>;
  /** A connection to `127.0.0.1:port` in the Pod's network namespace. */
  portForward(pod: Pod, port: number): Promise<Duplex>;
}

export interface ExecOptions {
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export interface ExecSession {
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  /** Absent with a tty: everything comes on stdout. */
  readonly stderr?: Readable;
  resize(columns: number, rows: number): void;
  /** Resolves after the process ended *and* its output was read to the end. */
  readonly exit: Promise<{ readonly exitCode: number }>;
  /** The client is gone: close its streams. As upstream, the process itself is not killed. */
  abandon(): void;
}

export interface LogOptions {
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339; comes before `sinceSeconds`. */
  readonly sinceTime?: string;
  /** Which of the two outputs; both by default. */
  readonly stream?: 'stdout' | 'stderr';
  readonly limitBytes?: number;
}

/** A token by which a Pod's programs are known to the API server, or to whoever `audience` is. */
interface TokenOrder {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The token ends with this Pod; absent = with the service account. */
  readonly pod?: { readonly name: string; readonly uid: string } | undefined;
  /** By default the API server itself. */
  readonly audience?: string | undefined;
  /** By default 3600, at least 600. Like upstream, 3607 for a Pod makes a token that is good for a year. */
  readonly seconds?: number | undefined;
}

/** Throws `ApiError`, 404 when the service account or the Pod is gone. `expiresAt` is when to have fetched the next one, RFC 3339. */
export type IssueToken = (order: TokenOrder) => {
  readonly token: string;
  readonly expiresAt: string;
};
