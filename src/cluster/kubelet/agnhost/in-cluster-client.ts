import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { readFlags } from './flags.ts';
import { say } from './listen-address.ts';
import { askApiServer } from './service-account.ts';

/** Asks the API server for its health again and again with the token that is mounted then. */
export async function inClusterClient(args: readonly string[]): Promise<void> {
  const seconds = readFlags(args).number('poll-interval', 30);
  process.once('SIGTERM', () => process.exit(0));
  for (;;) {
    say('calling /healthz');
    try {
      const { status, text, token } = await askApiServer('/healthz');
      const hash = createHash('sha256').update(token).digest('base64url');
      say(`authz_header=${hash}`);
      if (status !== 200) say(`status=${status} ${text}`);
    } catch (error) {
      say(`error: ${(error as Error).message}`);
    }
    await delay(seconds * 1000);
  }
}
