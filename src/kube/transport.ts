import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Connection, Credentials } from './kubeconfig.ts';
import { ServerClock } from './server-clock.ts';
import { networkError } from './status.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
  readonly body?: unknown;
  /** Writes nothing although it is no GET: a question to the server, a dry run. */
  readonly isQuestion?: boolean | undefined;
  readonly contentType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the whole answer; 0 or absent = none. */
  readonly timeoutMs?: number | undefined;
}

/** May be sent on a kept connection, and sent again. */
export function isRead({ method, isQuestion }: HttpRequest): boolean {
  return method === 'GET' || isQuestion === true;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** HTTP to one API server with one user's credentials; closing ends the connections that it keeps. */
export interface Transport {
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** The answer as it comes; the caller reads or destroys it. */
  open(request: HttpRequest): Promise<IncomingMessage>;
  /** What a WebSocket to the same server needs. */
  credentials(): Promise<Credentials>;
  /** Goes by the answers that came. */
  readonly clock: ServerClock;
  close(): void;
}

export const userAgent = 'kubectl-pitstop';

export function createTransport(connection: Connection): Transport {
  const agents = new Map<string, HttpAgent>();
  const clock = new ServerClock();
  const server = new URL(connection.server);

  function agentFor(credentials: Credentials): HttpAgent {
    if (credentials.proxyAgent) return credentials.proxyAgent;
    const { tls } = credentials;
    const key = JSON.stringify(tls);
    const known = agents.get(key);
    if (known) return known;
    const agent =
      server.protocol === 'https:'
        ? new HttpsAgent({ ...withoutUndefined(tls), keepAlive: true })
        : new HttpAgent({ keepAlive: true });
    agents.set(key, agent);
    return agent;
  }

  async function open(request: HttpRequest): Promise<IncomingMessage> {
    const used = await connection.credentials();
    const answer = await once(request, used);
    if (answer.statusCode !== 401) return answer;
    // client-go asks a credential plugin again when the server no longer takes what it gave.
    const fresh = await connection.credentials({ fresh: true });
    if (JSON.stringify([fresh.headers, fresh.tls]) === JSON.stringify([used.headers, used.tls])) {
      return answer;
    }
    answer.resume();
    return await once(request, fresh);
  }

  async function once(request: HttpRequest, credentials: Credentials): Promise<IncomingMessage> {
    const send = server.protocol === 'https:' ? httpsRequest : httpRequest;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const headers: OutgoingHttpHeaders = {
      ...credentials.headers,
      Accept: 'application/json',
      'User-Agent': userAgent,
    };
    if (body !== undefined) {
      headers['Content-Type'] = request.contentType ?? 'application/json';
      // node:http frames no body of a DELETE by itself.
      headers['Content-Length'] = Buffer.byteLength(body);
    }
    const sentAtMs = Date.now();
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = send(
        requestUrl(connection.server, request),
        {
          method: request.method,
          headers,
          // A write must not meet a kept connection that the server has just closed: nobody could
          // tell whether it was done.
          agent: isRead(request) || credentials.proxyAgent ? agentFor(credentials) : false,
          ...(server.protocol === 'https:' ? withoutUndefined(credentials.tls) : {}),
          ...(request.signal ? { signal: request.signal } : {}),
        },
        resolve,
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    clock.observe(answer.headers.date, sentAtMs, Date.now());
    return answer;
  }

  return {
    async open(request) {
      try {
        return await open(request);
      } catch (error) {
        throw networkError(error, connection.server, request.signal);
      }
    },
    async send(request) {
      const signals = [request.signal, timeout(request.timeoutMs)].filter((s) => s !== undefined);
      const signal = AbortSignal.any(signals);
      try {
        const answer = await open({ ...request, signal });
        return {
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: await text(answer),
        };
      } catch (error) {
        throw networkError(error, connection.server, request.signal, request.timeoutMs);
      }
    },
    credentials: () => connection.credentials(),
    clock,
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

/** The absolute URL of a request; undefined query values are left out. */
function requestUrl(server: string, request: Pick<HttpRequest, 'path' | 'query'>): URL {
  const url = new URL(server + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

function timeout(milliseconds: number | undefined): AbortSignal | undefined {
  return milliseconds ? AbortSignal.timeout(milliseconds) : undefined;
}

/** TLS options as node:tls wants them: what is not set is absent. */
export function withoutUndefined<T extends object>(
  options: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
