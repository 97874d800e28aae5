import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from 'kubernetes-types/apps/v1.js';
import type { Job } from 'kubernetes-types/batch/v1.js';
import type { CertificateSigningRequest } from 'kubernetes-types/certificates/v1.js';
import type {
  ConfigMap,
  Endpoints,
  Namespace,
  Node,
  Pod,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { ClusterRole } from 'kubernetes-types/rbac/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import type { Api, KubeObject, ObjectKey, WatchEvent } from '../api.ts';
import { keyOf } from '../store/index.ts';
import { LabelIndex } from './label-index.ts';
import { controllerOf } from './object-meta.ts';

interface Kinds {
  readonly pods: Pod;
  readonly services: Service;
  readonly endpoints: Endpoints;
  readonly endpointslices: EndpointSlice;
  readonly nodes: Node;
  readonly namespaces: Namespace;
  readonly serviceaccounts: ServiceAccount;
  readonly configmaps: ConfigMap;
  readonly secrets: Secret;
  readonly certificatesigningrequests: CertificateSigningRequest;
  readonly clusterroles: ClusterRole;
  readonly deployments: Deployment;
  readonly replicasets: ReplicaSet;
  readonly statefulsets: StatefulSet;
  readonly daemonsets: DaemonSet;
  readonly controllerrevisions: ControllerRevision;
  readonly jobs: Job;
  readonly poddisruptionbudgets: PodDisruptionBudget;
}

/** One informer per resource, shared by all controllers. */
export class Informers implements Disposable {
  readonly #api: Api;
  readonly #byResource = new Map<string, Informer<KubeObject>>();

  constructor(api: Api) {
    this.#api = api;
  }

  of<Name extends keyof Kinds>(resource: Name): Informer<Kinds[Name]>;
  of(resource: string): Informer<KubeObject>;
  of(resource: string): Informer<KubeObject> {
    let informer = this.#byResource.get(resource);
    if (!informer) {
      informer = new Informer(this.#api, resource);
      this.#byResource.set(resource, informer);
    }
    return informer;
  }

  [Symbol.dispose](): void {
    for (const informer of this.#byResource.values()) informer[Symbol.dispose]();
    this.#byResource.clear();
  }
}

export type Change<T> = WatchEvent<T>;

/**
 * The objects of one resource, indexed. Unlike upstream's it is never behind: the watch is called
 * from inside each write, so a controller sees its own writes at once, and neither expectations nor
 * stale-cache checks have anything to guard against.
 */
export class Informer<T extends KubeObject> implements Disposable {
  readonly #objects = new Map<string, T>();
  readonly #indexes: Index<T>[] = [];
  readonly #listeners = new Set<(change: Change<T>) => void>();
  readonly #watch: Disposable;
  #labels: LabelIndex<T> | undefined;
  #byController: Index<T> | undefined;

  constructor(api: Api, resource: string) {
    this.#watch = api.watch<T>(resource, (change) => this.#apply(change));
  }

  get({ namespace, name }: ObjectKey): T | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  all(): Iterable<T> {
    return this.#objects.values();
  }

  /** Calls the listener with an ADDED for each object there is, and then with each change. */
  onChange(listener: (change: Change<T>) => void): void {
    for (const object of this.#objects.values()) listener({ type: 'ADDED', object });
    this.#listeners.add(listener);
  }

  /** An index by whatever values `valuesOf` gives for an object. */
  index(valuesOf: (object: T) => readonly string[]): Index<T> {
    const index = new Index(valuesOf);
    for (const object of this.#objects.values()) index.put(object, undefined);
    this.#indexes.push(index);
    return index;
  }

  /** The index that finds objects by namespace and label selector. */
  labels(): LabelIndex<T> {
    this.#labels ??= new LabelIndex(this);
    return this.#labels;
  }

  /** The index by the uid of the controller; those without one stand under `''`. */
  byController(): Index<T> {
    this.#byController ??= this.index((object) => [controllerOf(object)?.uid ?? '']);
    return this.#byController;
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.#listeners.clear();
  }

  #apply(change: Change<T>): void {
    const { type, object } = change;
    const key = keyOf(object.metadata?.namespace, object.metadata?.name ?? '');
    const known = this.#objects.get(key);
    if (type === 'DELETED') {
      this.#objects.delete(key);
      for (const index of this.#indexes) index.remove(known ?? object);
    } else {
      this.#objects.set(key, object);
      for (const index of this.#indexes) index.put(object, known);
    }
    for (const listener of this.#listeners) listener(change);
  }
}

/** Objects by some derived value. */
export class Index<T extends KubeObject> {
  readonly #valuesOf: (object: T) => readonly string[];
  readonly #byValue = new Map<string, Map<string, T>>();

  constructor(valuesOf: (object: T) => readonly string[]) {
    this.#valuesOf = valuesOf;
  }

  get(value: string): Iterable<T> {
    return this.#byValue.get(value)?.values() ?? [];
  }

  count(value: string): number {
    return this.#byValue.get(value)?.size ?? 0;
  }

  put(object: T, previous: T | undefined): void {
    const values = this.#valuesOf(object);
    if (previous) {
      for (const value of this.#valuesOf(previous)) {
        if (!values.includes(value)) this.#drop(value, previous);
      }
    }
    for (const value of values) {
      const bucket = this.#byValue.get(value);
      if (bucket) bucket.set(nameOf(object), object);
      else this.#byValue.set(value, new Map([[nameOf(object), object]]));
    }
  }

  remove(object: T): void {
    for (const value of this.#valuesOf(object)) this.#drop(value, object);
  }

  #drop(value: string, object: T): void {
    const bucket = this.#byValue.get(value);
    bucket?.delete(nameOf(object));
    if (bucket?.size === 0) this.#byValue.delete(value);
  }
}

function nameOf({ metadata }: KubeObject): string {
  return keyOf(metadata?.namespace, metadata?.name ?? '');
}
