import { setTimeout as sleep } from 'node:timers/promises';
import { request as httpRequest } from 'node:http';

/** Asks on new connections until every one of the Pods has answered through the Service; 20 s at most. */
export async function awaitAnswers(options: {
  readonly host: string;
  readonly port: number;
  readonly pods: readonly string[];
  readonly signal: AbortSignal;
}): Promise<void> {
  const { host, port, pods, signal } = options;
  const silent = new Set(pods);
  const untilMs = Date.now() + 20_000;
  let last = '';
  while (silent.size > 0) {
    if (Date.now() > untilMs) {
      throw new Error(`no answer from ${[...silent].join(', ')} at ${host}:${port}: ${last}`);
    }
    try {
      silent.delete(await ask(host, port, signal));
    } catch (error) {
      last = (error as Error).message;
      await sleep(50, undefined, { signal });
    }
  }
}

async function ask(host: string, port: number, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const outgoing = httpRequest({ host, port, agent: false, timeout: 2_000, signal }, (response) => {
    response.resume();
    response.on('end', () => resolve(String(response.headers['x-pod'])));
    response.on('error', reject);
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')));
  outgoing.on('error', reject);
  outgoing.end();
  return await promise;
}
