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

/** Throws 400 for anything that is no token of ours. */
export function decodeContinueToken(text: string): ContinueToken {
  const bytes = Buffer.from(text, 'base64url');
  let token: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    token = JSON.parse(bytes.toString()) as typeof token;
  } catch {
    const first = JSON.stringify(String.fromCharCode(bytes[0] ?? 0)).slice(1, -1);
    throw badToken(`invalid character '${first}' looking for beginning of value`);
  }
  const { v: version, rv: revision, start } = token;
  if (version !== 'meta.k8s.io/v1')
    throw badToken(`server does not recognize this encoded version "${version}"`);
  if (typeof revision !== 'number' || revision === 0) {
    throw badToken('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw badToken('encoded start key empty (version meta.k8s.io/v1)');
  }
  return { revision, start };
}

function badToken(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
