import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { ClusterError } from '../launch/cluster-error.ts';
import type { Access } from '../launch/kubeconfig.ts';

/** Longer than anything a cluster is asked for takes; it may be busy with other work. */
const TIMEOUT_MS = 30_000;

/** Asks a cluster's own paths from outside; throws `ClusterError` with the cluster's own words and `hint`. */
export async function ask(
  access: Access,
  method: string,
  path: string,
  body?: unknown,
  hint?: string,
): Promise<unknown> {
  const { request } = await import('node:https');
  const call = request(`${access.server}/pitstop.dev/${path}`, {
    method,
    ca: access.ca,
    agent: false,
    timeout: TIMEOUT_MS,
    headers: { authorization: `Bearer ${access.token}`, 'content-type': 'application/json' },
  });
  call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
  call.end(body === undefined ? undefined : JSON.stringify(body));
  let answer: { readonly code: number; readonly text: string };
  try {
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    answer = { code: response.statusCode ?? 0, text: await text(response) };
  } catch (error) {
    const { message } = error as Error;
    throw new ClusterError('unreachable', `${access.server} does not answer: ${message}`, {
      hint: 'see whether it runs with: kubectl pitstop cluster status',
      cause: error,
    });
  }
  if (answer.code < 300) return JSON.parse(answer.text) as unknown;
  throw new ClusterError('refused', messageOf(answer), { ...(hint !== undefined && { hint }) });
}

function messageOf({ code, text }: { readonly code: number; readonly text: string }): string {
  try {
    return (JSON.parse(text) as { readonly message: string }).message;
  } catch {
    return `the cluster answered ${code} ${text.trim()}`;
  }
}
