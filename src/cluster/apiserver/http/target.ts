import { resourceNamed } from '../resources/registry.ts';
import type { Access } from '../auth/access.ts';
import type { User } from '../auth/user.ts';
import type { Resource, Subresource } from '../resources/resource.ts';
import type { PipelineContext } from '../pipeline/context.ts';
import type { Exchange } from './exchange.ts';
import type { RequestPath } from './request-path.ts';

/** What a request is about, once the path is understood. */
export interface Target {
  readonly exchange: Exchange;
  readonly context: PipelineContext;
  readonly path: RequestPath;
  /** As the path names it; errors and answers speak of this one. */
  readonly resource: Resource;
  /** As it is kept. The same but for kinds served in a second version. */
  readonly stored: Resource;
  readonly subresource?: Subresource;
  readonly access: Access;
  /** Who asks; what he asks for is allowed. */
  readonly user: User;
}

export function storedResource(resource: Resource): Resource {
  return resource.storedAs ? resourceNamed(resource.storedAs.plural) : resource;
}

/** The object's place, from the path; only for paths that name an object. */
export function keyOfTarget({ path }: Pick<Target, 'path'>): {
  namespace: string | undefined;
  name: string;
} {
  return { namespace: path.namespace, name: path.name ?? '' };
}
