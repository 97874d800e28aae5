import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { afterAll, beforeAll } from 'vitest';
import {
  type ApiServer,
  type ApiServerOptions,
  createApiServer,
  generateCertificates,
} from '../../src/cluster/apiserver/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed when it is JSON. */
  readonly body: any;
}

export interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An API server alone, without controllers and kubelet, and an HTTPS client that verifies it. */
export class TestServer implements AsyncDisposable {
  readonly server: ApiServer;
  readonly port: number;
  readonly ca: string;
  readonly token: string;
  readonly certificates: ApiServerOptions['certificates'];
  readonly #agent: Agent;

  private constructor(
    server: ApiServer,
    access: {
      port: number;
      token: string;
      certificates: ApiServerOptions['certificates'];
    },
  ) {
    this.server = server;
    this.port = access.port;
    this.ca = access.certificates.ca;
    this.certificates = access.certificates;
    this.token = access.token;
    this.#agent = new Agent({ ca: this.ca, keepAlive: true });
  }

  static async start(options: Partial<ApiServerOptions> = {}): Promise<TestServer> {
    const certificates = await generateCertificates();
    const token = 'a-token-for-tests';
    const server = createApiServer({
      token,
      certificates,
      agent: () => {
        throw new Error('this API server has no kubelet');
      },
      ...options,
    });
    const { port } = await server.listen(0);
    return new TestServer(server, { port, certificates, token });
  }

  get api(): ApiServer['api'] {
    return this.server.api;
  }

  /** The answer as it begins; the caller reads its body. */
  async open(path: string, call: Call = {}): Promise<IncomingMessage> {
    const { method = 'GET', body, contentType, accept, headers } = call;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const sent = request({
      host: '127.0.0.1',
      port: this.port,
      path,
      method,
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${this.token}`,
        'user-agent': 'test/1',
        ...(accept && { accept }),
        ...(text !== undefined && {
          'content-type': contentType ?? 'application/json',
          // Node leaves it out of a DELETE.
          'content-length': Buffer.byteLength(text),
        }),
        ...headers,
      },
    });
    sent.end(text);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  }

  async call(path: string, call: Call = {}): Promise<Answer> {
    const response = await this.open(path, call);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text,
      body: isJson && !text.includes('\n{') ? JSON.parse(text) : text,
    };
  }

  /** The events of a watch, one by one, until the server ends it or the caller stops reading. */
  async *watch(path: string, call: Call = {}): AsyncGenerator<{ type: string; object: any }> {
    const response = await this.open(path, call);
    let rest = '';
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as { type: string; object: any };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.server.close();
  }
}

/** One API server for a test file. */
export function useApiServer(options: Partial<ApiServerOptions> = {}): () => TestServer {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await TestServer.start(options);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  return () => {
    if (!server) throw new Error('the API server is not up yet');
    return server;
  };
}
