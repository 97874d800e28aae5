import { KubeError, type KubeErrorCode } from './errors.ts';
import type { HttpAnswer } from './transport.ts';

/** The part of a Kubernetes `Status` that errors are made of. */
interface Status {
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
  };
}

/** What was asked, for hints: `patch`, `pods`, `shop`. */
export interface Asked {
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
}

export function isOk(status: number): boolean {
  return status >= 200 && status < 300;
}

/** A refusal of the API server as a `KubeError`, with the server's own words. */
export function refusal(answer: HttpAnswer, asked: Asked): KubeError {
  const { status } = answer;
  const code = codeOf(status);
  const said = statusOf(answer.body)?.message || plainText(answer.body);
  const what = `${asked.verb} ${asked.resource}`;
  const message = said || `the server answered ${what} with HTTP ${status}`;
  if (code === 'unauthorized') {
    return new KubeError(code, 'the server does not accept these credentials (401)', {
      status,
      hint: 'log in to the cluster again, or name a context with --context',
    });
  }
  if (code === 'forbidden') {
    return new KubeError(code, message, { status, hint: forbiddenHint(asked) });
  }
  if (code === 'too-many-requests') {
    return new KubeError(code, `the server is too busy for ${what}: ${message}`, { status });
  }
  if (code === 'server-error') {
    const text = `the server failed to ${what} (HTTP ${status}): ${message}`;
    return new KubeError(code, text, { status });
  }
  return new KubeError(code, message, { status });
}

function codeOf(status: number): KubeErrorCode {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 409) return 'conflict';
  if (status === 429) return 'too-many-requests';
  return status >= 500 ? 'server-error' : 'invalid';
}

function forbiddenHint({ verb, resource, namespace }: Asked): string {
  // k/k#134577: from 1.35 on, both need `create` beside `get` over WebSocket.
  const verbs = /\/(exec|portforward)$/.test(resource) ? ['get', 'create'] : [verb];
  const where = namespace ? ` -n ${namespace}` : '';
  const ask = verbs.map((each) => `kubectl auth can-i ${each} ${resource}${where}`).join('; ');
  return `your user needs the verb${verbs.length > 1 ? 's' : ''} ${verbs.join(' and ')} on ${resource}: ${ask}`;
}

export function statusOf(body: string): Status | undefined {
  try {
    const parsed = JSON.parse(body) as unknown;
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function plainText(body: string): string {
  const line = body.trim().split('\n')[0] ?? '';
  return line.startsWith('<') || line.startsWith('{') ? '' : line.slice(0, 500);
}

/** How long the server asks to be left alone, in milliseconds. */
export function retryAfterMs(answer: HttpAnswer): number | undefined {
  const header = Number(answer.headers['retry-after']);
  const seconds = Number.isFinite(header)
    ? header
    : statusOf(answer.body)?.details?.retryAfterSeconds;
  return seconds === undefined ? undefined : Math.min(seconds * 1000, 30_000);
}

/** What went wrong on the way to the server, as a `KubeError` in kubectl's terms. */
export function networkError(
  cause: unknown,
  server: string,
  signal?: AbortSignal,
  timeoutMs?: number,
): KubeError {
  if (cause instanceof KubeError) return cause;
  if (signal?.aborted) return new KubeError('aborted', 'the request was aborted', { cause });
  const { host } = new URL(server);
  const { name, code, message } = cause as { name?: string; code?: string; message?: string };
  if (name === 'TimeoutError' || name === 'AbortError') {
    const after = timeoutMs ? ` in ${timeoutMs / 1000} s` : '';
    return new KubeError('timeout', `the server ${host} did not answer${after}`, { cause });
  }
  const known = code === undefined ? undefined : explained(code, host);
  return new KubeError('unreachable', known?.message ?? `cannot talk to ${host}: ${message}`, {
    cause,
    hint: known?.hint,
  });
}

function explained(code: string, host: string): { message: string; hint?: string } | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return {
        message: `the connection to the server ${host} was refused; is the cluster running?`,
        hint: 'kubectl config view --minify shows the server in use',
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { message: `no such host: ${host} cannot be resolved` };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return { message: `no way to the server ${host} (${code}); is a VPN or proxy missing?` };
    case 'ECONNRESET':
    case 'EPIPE':
      return { message: `the server ${host} closed the connection` };
    case 'EPROTO':
      return { message: `the server ${host} does not speak TLS`, hint: 'is it http:// ?' };
    default:
      return /CERT|SIGNATURE|ALTNAME|SELF_SIGNED|ISSUER/.test(code)
        ? {
            message: `the certificate of ${host} is not trusted (${code})`,
            hint: 'give the right --certificate-authority, or another --context',
          }
        : undefined;
  }
}
