import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent, request, type RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { Status } from 'kubernetes-types/meta/v1.js';

/** What the API server refused: its HTTP code, and its `Status` when it sent one. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly status: Status;
  constructor(what: string, code: number, body: string) {
    const status = parseStatus(body);
    super(`${what}: ${code} ${status.message ?? body}`);
    this.code = code;
    this.status = status;
  }
}

export interface CallOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

export interface Answer {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The public HTTP API of the cluster of a kubeconfig, JSON in and out as it is on the wire. */
export class Api {
  readonly config: KubeConfig;
  readonly #options: Omit<RequestOptions, 'headers'>;
  readonly #credentials: OutgoingHttpHeaders;
  readonly #server: URL;

  private constructor(config: KubeConfig, options: RequestOptions) {
    this.config = config;
    const { headers, ...rest } = options;
    this.#options = rest;
    this.#credentials = headers as OutgoingHttpHeaders;
    this.#server = new URL(config.getCurrentCluster()!.server);
  }

  static async connect(kubeconfig: string): Promise<Api> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized } = options;
    options.agent = new Agent({ keepAlive: true, ca, cert, key, rejectUnauthorized });
    return new Api(config, options);
  }

  /** The parsed answer; rejects with `ApiFailure` for any code from 300 on. */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const answer = await this.raw(method, path, options);
    if (answer.code >= 300) {
      throw new ApiFailure(`${method} ${path}`, answer.code, answer.body);
    }
    return (answer.body === '' ? undefined : JSON.parse(answer.body)) as T;
  }

  /** The whole answer, whatever its code. */
  async raw(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const response = await this.open(method, path, options);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      code: response.statusCode!,
      headers: response.headers,
      body: Buffer.concat(chunks).toString(),
    };
  }

  /** The answer once its headers are here; the body is the caller's to read or to destroy. */
  open(method: string, path: string, options: CallOptions = {}): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const body = options.body === undefined ? undefined : asText(options.body);
    const outgoing = request(this.#url(path, options.query), {
      ...this.#options,
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && {
          'content-type': 'application/json',
          // Without it Node sends a DELETE as if it had no body.
          'content-length': Buffer.byteLength(body),
        }),
        ...this.#credentials,
        ...options.headers,
      },
    });
    outgoing.once('response', resolve).once('error', reject).end(body);
    return promise;
  }

  #url(path: string, query: CallOptions['query'] = {}): URL {
    const base = this.#server.pathname.replace(/\/$/, '');
    const url = new URL(`${base}${path}`, this.#server);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }
}

function asText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function parseStatus(body: string): Status {
  try {
    return JSON.parse(body) as Status;
  } catch {
    return { message: body };
  }
}
