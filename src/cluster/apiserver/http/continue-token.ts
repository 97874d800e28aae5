import { posix } from 'node:path';
import { badRequest } from '../words.ts';

/** Where a chunked list goes on: at the first key not below `start`, in the state of `revision` (-1: of now). */
export interface ContinueToken {
  readonly revision: number;
  /** Relative to the list's own prefix: `/name\0` in a namespace, `/ns/name\0` over all. */
  readonly start: string;
}

export function encodeContinueToken({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString(
    'base64url',
  );
}

/** Throws 400 for anything that is no token of ours, in upstream's (and Go's) words. */
export function decodeContinueToken(text: string): ContinueToken {
  const { v: version, rv: revision, start } = parseObject(decodeBase64(text));
  if (version !== 'meta.k8s.io/v1') {
    const named = typeof version === 'string' ? version : '';
    throw badToken(`server does not recognize this encoded version ${named}`);
  }
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision === 0) {
    throw badToken('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw badToken('encoded start key empty (version meta.k8s.io/v1)');
  }
  const rooted = start.startsWith('/') ? start : `/${start}`;
  const isClean = posix.normalize(rooted) === rooted && (rooted === '/' || !rooted.endsWith('/'));
  // A start outside of the list's own keys.
  if (!isClean) throw badToken(start);
  return { revision, start: rooted };
}

function decodeBase64(text: string): Buffer {
  const wrong = /[^\w-]/.exec(text);
  // Four characters are three bytes; one alone is none.
  const at = wrong?.index ?? (text.length % 4 === 1 ? text.length - 1 : undefined);
  if (at !== undefined) throw badToken(`illegal base64 data at input byte ${at}`);
  return Buffer.from(text, 'base64url');
}

function parseObject(bytes: Buffer): { v?: unknown; rv?: unknown; start?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    const first = String.fromCharCode(bytes[0] ?? 0);
    if (bytes.length === 0 || BEGINS_JSON.test(first))
      throw badToken('unexpected end of JSON input');
    const quoted = JSON.stringify(first).slice(1, -1);
    throw badToken(`invalid character '${quoted}' looking for beginning of value`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  const kind = Array.isArray(value) ? 'array' : typeof value;
  if (value === null) return {};
  throw badToken(
    `json: cannot unmarshal ${kind === 'boolean' ? 'bool' : kind} into Go value of type storage.continueToken`,
  );
}

const BEGINS_JSON = /[\s{["\dtfn-]/;

function badToken(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
