import { applyPatch, type Operation } from 'rfc6902';
import { ApiError } from '../../api-error.ts';
import { badRequest, invalidPatch } from '../words.ts';
import { cloneJson } from './clone-json.ts';

const MAX_OPERATIONS = 10_000;
const OPERATIONS = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** RFC 6902, all operations or none; the object is left as it is. Throws 400 for no patch at all, 422 for one that does not apply. */
export function jsonPatch(object: object, patch: unknown): object {
  if (!Array.isArray(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    );
  }
  const operations = patch as Operation[];
  if (operations.length > MAX_OPERATIONS) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
    );
  }
  if (!operations.every(({ op, path }) => OPERATIONS.has(op) && typeof path === 'string')) {
    throw invalidPatch();
  }
  const copy = cloneJson(object);
  const failed = applyPatch(copy, operations).find((error) => error !== null);
  if (failed) throw invalidPatch();
  return copy;
}
