import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Transform, type Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { parse } from 'yaml';

/** One call on its way to the API server. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly isWatch: boolean;
  /** Of all calls so far with this method, watches and other GETs apart; the first is 1. */
  readonly nth: number;
  /**
   * What is asked and the how-manieth time: `PATCH pods 2`, `LIST endpointslices 1`, `WATCH pods 1`,
   * `EXEC pods 3`. Calls of one kind keep their order where those of several kinds overtake each other.
   */
  readonly key: string;
}

/** What happens to a call instead of being passed on. */
export type Fault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: OutgoingHttpHeaders;
      readonly body?: unknown;
    }
  /** The connection breaks before the server has seen the request. */
  | { readonly kind: 'lost-request' }
  /** The server does it, and the connection breaks before the client has the answer. */
  | { readonly kind: 'lost-answer'; readonly onDone?: () => void }
  /** Never answered, and never done: the client has to give up. */
  | { readonly kind: 'no-answer' }
  /** A watch or an exec whose connection breaks after so many milliseconds. */
  | { readonly kind: 'cut'; readonly afterMs: number }
  /** An exec of which one bit of what the server sends is another when it arrives. */
  | { readonly kind: 'flip'; readonly atByte: number; readonly onDone?: () => void };

export type ChooseFault = (call: Call) => Fault | undefined | Promise<Fault | undefined>;

/** Stands before a cluster's API server, speaks plain HTTP to the client, and does what it is told. */
export class FaultProxy implements AsyncDisposable {
  readonly url: string;
  /** How many calls have met a fault. */
  faults = 0;
  readonly #server: Server;
  readonly #upstream: URL;
  readonly #tls: Tls;
  readonly #agent: Agent;
  readonly #choose: ChooseFault;
  readonly #counts = new Map<string, number>();
  readonly #sockets = new Set<Duplex>();

  private constructor(server: Server, kubeconfigPath: string, choose: ChooseFault) {
    const { server: address, ...tls } = readAccess(kubeconfigPath);
    this.#upstream = new URL(address);
    this.#tls = tls;
    this.#agent = new Agent({ ...tls, keepAlive: true });
    this.#choose = choose;
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => void this.#pass(request, response));
    server.on('upgrade', (request: IncomingMessage, socket, head) => {
      void this.#tunnel(request, socket, head);
    });
  }

  static async start(kubeconfigPath: string, choose: ChooseFault): Promise<FaultProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server, kubeconfigPath, choose);
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const fault = await this.#choose(this.#count(request));
    if (fault) this.faults += 1;
    if (fault?.kind === 'lost-request') return void request.socket.destroy();
    if (fault?.kind === 'no-answer') return;
    if (fault?.kind === 'answer') {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      return void response.end(
        JSON.stringify(fault.body ?? { kind: 'Status', code: fault.status, message: 'a fault' }),
      );
    }
    const upstream = httpsRequest(
      new URL(request.url ?? '', this.#upstream),
      { method: request.method ?? 'GET', headers: request.headers, agent: this.#agent },
      (answer) => {
        if (fault?.kind === 'lost-answer') {
          answer.resume().once('end', () => {
            fault.onDone?.();
            request.socket.destroy();
          });
          return;
        }
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        if (fault?.kind === 'cut') setTimeout(() => request.socket.destroy(), fault.afterMs);
      },
    );
    upstream.on('error', () => request.socket.destroy());
    response.on('close', () => upstream.destroy());
    upstream.end(Buffer.concat(chunks));
  }

  #count(request: IncomingMessage): Call {
    const { method = 'GET', url = '' } = request;
    const { pathname, searchParams } = new URL(url, this.#upstream);
    const isWatch = searchParams.get('watch') === 'true';
    const nth = this.#next(isWatch ? 'WATCH' : method);
    const what = nameCall(method, pathname, isWatch);
    return { method, path: pathname, isWatch, nth, key: `${what} ${this.#next(what)}` };
  }

  #next(kind: string): number {
    const nth = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, nth);
    return nth;
  }

  /** Exec's WebSockets pass as they are, unless they are to fail. */
  async #tunnel(request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    client.on('error', () => {});
    const { pathname } = new URL(request.url ?? '', this.#upstream);
    const key = `EXEC pods ${this.#next('EXEC pods')}`;
    const nth = this.#next('EXEC');
    const fault = await this.#choose({ method: 'EXEC', path: pathname, isWatch: false, nth, key });
    if (fault) this.faults += 1;
    if (fault?.kind === 'answer') {
      client.end(
        `HTTP/1.1 ${fault.status} a fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    if (fault && fault.kind !== 'cut' && fault.kind !== 'flip') {
      client.destroy();
      return;
    }
    if (fault?.kind === 'cut') setTimeout(() => client.destroy(), fault.afterMs);
    const { hostname, port } = this.#upstream;
    const server = tlsConnect({ host: hostname, port: Number(port), ...this.#tls }, () => {
      const headers = request.rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [`${name}: ${request.rawHeaders[at + 1]}`] : [],
      );
      server.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
      server.write(head);
      client.pipe(server);
      (fault?.kind === 'flip' ? server.pipe(flipper(fault)) : server).pipe(client);
    });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        server.destroy();
        this.#sockets.delete(socket);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Passes everything on, but for one bit. */
function flipper({ atByte, onDone }: Extract<Fault, { kind: 'flip' }>): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const at = atByte - passed;
      passed += chunk.length;
      if (at >= 0 && at < chunk.length) {
        chunk[at] = (chunk[at] ?? 0) ^ 0x10;
        onDone?.();
      }
      done(null, chunk);
    },
  });
}

interface Tls {
  readonly ca: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** The first cluster of a kubeconfig; a first user's certificate is shown to it, his token the client sends. */
function readAccess(kubeconfigPath: string): Tls & { readonly server: string } {
  const { clusters, users } = parse(readFileSync(kubeconfigPath, 'utf8')) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
    users: { user: { 'client-certificate-data'?: string; 'client-key-data'?: string } }[];
  };
  const [first] = clusters;
  if (!first) throw new Error(`${kubeconfigPath} names no cluster`);
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0]?.user ?? {};
  const decode = (text: string) => Buffer.from(text, 'base64');
  return {
    server: first.cluster.server,
    ca: decode(first.cluster['certificate-authority-data']),
    ...(cert && key && { cert: decode(cert), key: decode(key) }),
  };
}

/** `PATCH pods`, `PATCH pods/status`, `GET services` (of one), `LIST services` (of many), `WATCH pods`. */
function nameCall(method: string, path: string, isWatch: boolean): string {
  const words = path.split('/').filter((word) => word !== '');
  const rest = words.slice(words[0] === 'api' ? 2 : 3);
  const [resource, name, subresource] =
    rest[0] === 'namespaces' && rest.length > 2 ? rest.slice(2) : rest;
  if (resource === undefined) return `${method} ${path}`;
  const verb = isWatch ? 'WATCH' : method === 'GET' && name === undefined ? 'LIST' : method;
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}
