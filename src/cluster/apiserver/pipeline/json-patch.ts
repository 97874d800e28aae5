import { applyPatch, type Operation } from 'rfc6902';
import { ApiError } from '../../api-error.ts';
import { badRequest, invalidPatch } from '../words.ts';
import { cloneJson } from './clone-json.ts';

const MAX_OPERATIONS = 10_000;
const OPERATIONS = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** RFC 6902, all operations or none; the object is left as it is. Throws 400 for no patch at all, 422 for one that does not apply. */
export function jsonPatch(object: object, patch: unknown): object {
  if (!Array.isArray(patch)) throw undecodable('object', 'Patch');
  const odd: unknown = patch.find((one) => typeof one !== 'object' || Array.isArray(one));
  if (odd !== undefined) throw undecodable(goWord(odd), 'Operation');
  const operations = patch as (Operation | null)[];
  if (operations.length > MAX_OPERATIONS) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
    );
  }
  if (!operations.every(isSound)) throw invalidPatch();
  const copy = cloneJson(object);
  const failed = applyPatch(copy, operations).find((error) => error !== null);
  if (failed) throw invalidPatch();
  return copy;
}

/** What has no operation or no pointers in it does not apply; upstream decodes even `null`. */
function isSound(operation: Operation | null): operation is Operation {
  if (!operation || !OPERATIONS.has(operation.op) || !isPointer(operation.path)) return false;
  return !('from' in operation) || isPointer(operation.from);
}

/** RFC 6901 §3. */
function isPointer(path: unknown): boolean {
  return typeof path === 'string' && (path === '' || path.startsWith('/'));
}

function undecodable(word: string, type: 'Patch' | 'Operation'): ApiError {
  return badRequest(
    `error decoding patch: json: cannot unmarshal ${word} into Go value of type jsonpatch.${type}`,
  );
}

function goWord(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
