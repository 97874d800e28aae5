import { setTimeout as sleep } from 'node:timers/promises';
import { KubeError } from './errors.ts';
import { retryAfterMs } from './status.ts';
import { isRead, type HttpAnswer, type HttpRequest, type Transport } from './transport.ts';

const attempts = 5;
/** A silence lasts a whole request timeout: nobody waits for five of them. */
const silentAttempts = 2;

/**
 * Sends, and sends again when that is safe: reads after any passing failure, and once after a silence
 * of the whole timeout; writes only when the server said that it did not do them (429, or 5xx with
 * Retry-After) or was never reached.
 */
export async function sendWithRetries(
  transport: Transport,
  request: HttpRequest,
): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await settle(transport, request);
    const waitMs = attempt < attempts ? pauseMs(outcome, request, attempt) : undefined;
    if (waitMs === undefined) {
      if (outcome instanceof KubeError) throw outcome;
      return outcome;
    }
    await sleepUnlessAborted(waitMs, request.signal);
  }
}

async function settle(transport: Transport, request: HttpRequest): Promise<HttpAnswer | KubeError> {
  try {
    return await transport.send(request);
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
}

function pauseMs(
  outcome: HttpAnswer | KubeError,
  request: HttpRequest,
  attempt: number,
): number | undefined {
  if (outcome instanceof KubeError) {
    if (outcome.code === 'timeout') {
      return isRead(request) && attempt < silentAttempts ? backOffMs(attempt) : undefined;
    }
    if (outcome.code !== 'unreachable') return undefined;
    // A refused connection is an answer: nobody is listening. It stays so; one more look is enough.
    if (errorCode(outcome) === 'ECONNREFUSED') return attempt === 1 ? 200 : undefined;
    return isRead(request) && isPassing(errorCode(outcome)) ? backOffMs(attempt) : undefined;
  }
  const { status } = outcome;
  const asked = retryAfterMs(outcome);
  if (status === 429) return asked ?? backOffMs(attempt);
  if (status < 500) return undefined;
  if (asked !== undefined) return asked;
  return isRead(request) ? backOffMs(attempt) : undefined;
}

function errorCode(error: KubeError): string {
  return (error.cause as { code?: string } | undefined)?.code ?? '';
}

function isPassing(code: string): boolean {
  return ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'].includes(code);
}

/** 0.1 s, doubling to 10 s, half of it random so that many clients do not return together. */
export function backOffMs(attempt: number): number {
  const full = Math.min(100 * 2 ** (attempt - 1), 10_000);
  return full / 2 + (Math.random() * full) / 2;
}

/** Rejects with `KubeError('aborted')` as soon as `signal` fires. */
export async function sleepUnlessAborted(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (cause) {
    throw new KubeError('aborted', 'the request was aborted', { cause });
  }
}
