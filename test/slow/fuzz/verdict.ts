import type { FuzzRequest } from './grammar.ts';

export interface FuzzAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** The answer was a stream that the client left. */
  readonly isLeft: boolean;
}

/** The answers of 500 and above that a real API server gives too, and when. */
const REASONED: readonly {
  readonly code: number;
  readonly message: RegExp;
  readonly why: string;
}[] = [
  {
    code: 500,
    message: /^resourceVersion: Invalid value: /,
    why: 'a watch from what is no number: upstream says so itself, with 500',
  },
  {
    code: 500,
    message: /^failed to create typed (?:patch|live) object \(/,
    why: 'an applied object with fields of no schema: upstream has no reason and 500 for it',
  },
  {
    code: 500,
    message: /^(unknown patch type: |map: .* does not contain declared merge key: )/s,
    why: 'a strategic merge patch with faults that upstream tells with the 500 of an unknown error',
  },
  {
    code: 500,
    message: /^error dialing backend: dial tcp/,
    why: 'an upgrade through the proxy to where nobody listens',
  },
  {
    code: 503,
    message:
      /^(error trying to reach service: |no endpoints available for service |no service port )/,
    why: 'a Pod or Service behind the proxy that does not answer',
  },
  {
    code: 504,
    message: /^Timeout: Too large resource version: /,
    why: 'a revision that has not come yet',
  },
];

/** What is wrong with an answer; undefined when nothing is. */
export function faultOf(request: FuzzRequest, answer: FuzzAnswer): string | undefined {
  const { status, contentType, text } = answer;
  if (status < 200 || status > 599) return `status ${status}`;
  const isStatus = status >= 400 && contentType.startsWith('application/json');
  // An answer to HEAD has no words to judge.
  if (request.method === 'HEAD') return undefined;
  if (status < 400) return answer.isLeft ? undefined : unreadable(contentType, text);
  if (!isStatus)
    return PLAIN.has(`${status} ${text}`)
      ? undefined
      : `${status} in plain text: ${text.slice(0, 200)}`;
  const body = parsed(text);
  if (body?.kind !== 'Status' || body.apiVersion !== 'v1' || body.status !== 'Failure')
    return `${status} without a Status: ${text.slice(0, 200)}`;
  if (body.code !== status) return `${status} with code ${body.code}`;
  if (typeof body.message !== 'string' || body.message === '') return `${status} without words`;
  const { message } = body;
  if (status < 500) return undefined;
  const isReasoned = REASONED.some((one) => one.code === status && one.message.test(message));
  return isReasoned ? undefined : `${status}: ${message.slice(0, 300)}`;
}

/** No kind's: as upstream's router and its HTTP server say it. */
const PLAIN = new Set(['404 404 page not found\n', '400 ', '431 ', '403 ', '408 ']);

interface StatusLike {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly status?: string;
  readonly code?: number;
  readonly message?: unknown;
}

function parsed(text: string): StatusLike | undefined {
  try {
    return JSON.parse(text) as StatusLike;
  } catch {
    return undefined;
  }
}

function unreadable(contentType: string, text: string): string | undefined {
  if (!contentType.startsWith('application/json') || text === '') return undefined;
  // A watch has one document a line.
  const documents = text.trimEnd().split('\n');
  if (parsed(text) !== undefined || documents.every((line) => parsed(line) !== undefined))
    return undefined;
  return `a body that does not parse: ${text.slice(0, 200)}`;
}
