import type { StatusCause } from 'kubernetes-types/meta/v1.js';
import { ApiError } from '../api-error.ts';
import { invalid } from '../machinery/index.ts';
import type { Resource } from './resources/resource.ts';

/** The API server's refusals, word for word as upstream puts them. */

type Named = Pick<Resource, 'group' | 'plural'>;

export function notFound(resource: Named, name: string): ApiError {
  return new ApiError(
    404,
    'NotFound',
    `${qualified(resource)} "${name}" not found`,
    details(resource, name),
  );
}

export function alreadyExists(resource: Named, name: string): ApiError {
  return new ApiError(
    409,
    'AlreadyExists',
    `${qualified(resource)} "${name}" already exists`,
    details(resource, name),
  );
}

export function conflict(
  resource: Named,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    details(resource, name),
  );
}

export function forbidden(
  resource: Named,
  name: string,
  why: string,
  causes?: StatusCause[],
): ApiError {
  const subject = name === '' ? qualified(resource) : `${qualified(resource)} "${name}"`;
  return new ApiError(403, 'Forbidden', `${subject} is forbidden: ${why}`, {
    ...details(resource, name),
    ...(causes && { causes }),
  });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

export function unknownResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message);
}

export function futureRevision(requested: number, current: number): ApiError {
  return new ApiError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${requested}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}

export function invalidPatch(): ApiError {
  return new ApiError(
    422,
    'Invalid',
    'the server rejected our request due to an error in our request',
    {},
  );
}

/** What servers before streaming lists say of them; clients then list and watch. */
export function streamingListRefused(): ApiError {
  const field = 'sendInitialEvents';
  const message =
    'Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
  return invalid({ group: 'meta.k8s.io', version: 'v1', kind: 'ListOptions' }, '', [
    { type: 'FieldValueForbidden', field, message },
  ]);
}

/** `pods` or `deployments.apps`. */
function qualified({ group, plural }: Named): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function details(
  { group, plural }: Named,
  name: string,
): { name?: string; group?: string; kind: string } {
  return { ...(name !== '' && { name }), ...(group !== '' && { group }), kind: plural };
}
