import type { KindRules, Printing } from '../../machinery/index.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { FieldReader } from '../../store/index.ts';

export type Verb =
  | 'create'
  | 'delete'
  | 'deletecollection'
  | 'get'
  | 'list'
  | 'patch'
  | 'update'
  | 'watch';

/** A path below an object (`pods/log`) and the kind that goes in and out there. */
export interface Subresource {
  readonly name: string;
  readonly kind: string;
  /** Present when the kind is not of its resource's group version (`apps/v1` deployments have an `autoscaling/v1` scale). */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly Verb[];
}

/**
 * How one kind is named, served, defaulted, checked, kept and printed: everything the generic request
 * handling needs to know.
 */
export interface Resource extends KindRules, Printing {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  /** Fields that `fieldSelector` may name, besides metadata.name and metadata.namespace. */
  readonly fields: Readonly<Record<string, FieldReader>>;
  readonly strategy: Strategy;
  /** The main resource and `status` are written apart. */
  readonly hasStatus: boolean;
  /** `metadata.generation` counts the changes of the spec. */
  readonly hasGeneration: boolean;
  /** A PUT without resourceVersion overwrites. */
  readonly allowsUnconditionalUpdate: boolean;
  /** A PUT to a name that does not exist creates. */
  readonly createsOnUpdate: boolean;
  /** DELETE answers with the object, not with a Status. */
  readonly returnsDeletedObject: boolean;
  /** Upstream's storage version, when it lags behind the one that is served: a part of discovery. */
  readonly storageVersion?: string;
  /** Set when another kind's collection keeps the objects and they are converted on the way. */
  readonly storedAs?: StoredAs;
}

interface StoredAs {
  readonly plural: string;
  /** Both ways leave the given object as it is. */
  readonly toStored: (object: Record<string, unknown>) => Record<string, unknown>;
  readonly fromStored: (object: Record<string, unknown>) => Record<string, unknown>;
}

/** `v1` or `apps/v1`. */
export function apiVersionOf(resource: {
  readonly group: string;
  readonly version: string;
}): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}
