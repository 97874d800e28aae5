import type { Api } from '../api.ts';
import { machineResolvers } from './forward.ts';
import { codes, type Answer, type Query } from './message.ts';
import { startDnsServer } from './server.ts';
import { publish } from './service.ts';
import { createZone, type Zone } from './zone.ts';

export interface DnsOptions {
  readonly api: Api;
  /** Where to listen, UDP and TCP; the only endpoint of Service kube-system/kube-dns. */
  readonly host: string;
  readonly port: number;
  /** Where Pods ask. */
  readonly clusterIP: string;
  /** Whether the machine's own resolvers are in reach. */
  readonly hasWayOut: boolean;
}

const DOMAIN = 'cluster.local';

/** Answers for `cluster.local` and for the reverse of its addresses; refuses or asks others for the rest. */
export async function startDns(options: DnsOptions): Promise<AsyncDisposable> {
  const { api, host, port } = options;
  await using parts = new AsyncDisposableStack();
  const zone = parts.use(createZone(api, DOMAIN));
  const forward = options.hasWayOut ? await machineResolvers() : undefined;
  parts.use(
    await startDnsServer({
      host,
      port,
      answer: (query) => answerOf(zone, query),
      ...(forward && { forward }),
    }),
  );
  publish(api, options);
  return parts.move();
}

function answerOf(zone: Zone, query: Query): Answer {
  const none = { isAuthoritative: false, answers: [] };
  if (query.opcode !== 0) return { ...none, code: codes.notImplemented };
  const answer = query.isInternet ? zone.answer(query.question) : undefined;
  return answer ?? { ...none, code: codes.refused };
}
