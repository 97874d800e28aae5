import { ApiError } from '../../api-error.ts';
import { forbidden } from '../words.ts';
import type { Attributes } from './attributes.ts';
import type { User } from './user.ts';

/** The 403 that names the user, the verb and the thing, word for word as upstream puts it. */
export function notAllowed({ username }: User, asked: Attributes, reason: string): ApiError {
  const why = `${sentence(username, asked)}${reason === '' ? '' : `: ${reason}`}`;
  if ('path' in asked) return new ApiError(403, 'Forbidden', `forbidden: ${why}`, {});
  return forbidden({ group: asked.group, plural: asked.resource }, asked.name, why);
}

function sentence(username: string, asked: Attributes): string {
  const who = `User ${JSON.stringify(username)} cannot ${asked.verb}`;
  if ('path' in asked) return `${who} path ${JSON.stringify(asked.path)}`;
  const { group, resource, subresource, namespace } = asked;
  const what = JSON.stringify(subresource === '' ? resource : `${resource}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `${who} resource ${what} in API group "${group}" ${where}`;
}
