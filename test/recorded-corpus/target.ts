import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type AgentOptions, request } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll } from 'vitest';
import { WebSocket } from 'ws';
import { useCluster } from '../support/cluster.ts';

/** A kubeconfig of a real cluster to hold against the recordings, instead of the embedded one. */
const KUBECONFIG_VARIABLE = 'RECORDED_CORPUS_KUBECONFIG';
export const isReal = Boolean(process.env[KUBECONFIG_VARIABLE]);

export interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed when it is one JSON document. */
  readonly body: any;
}

/** An API server, reached with a kubeconfig, and a namespace in it that is this test file's own. */
export class Target {
  readonly namespace = `recorded-corpus-${randomBytes(4).toString('hex')}`;
  readonly #server: string;
  readonly #tls: AgentOptions & { headers?: Record<string, string> };

  private constructor(server: string, tls: AgentOptions) {
    this.#server = server;
    this.#tls = tls;
  }

  static async connect(kubeconfigPath: string): Promise<Target> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfigPath);
    const tls: AgentOptions & { headers?: Record<string, string> } = { headers: {} };
    await config.applyToHTTPSOptions(tls);
    const target = new Target(config.getCurrentCluster()?.server ?? '', tls);
    const metadata = { name: target.namespace };
    await target.created('/api/v1/namespaces', { metadata });
    await target.serviceAccount();
    return target;
  }

  /** One request; where the recording says `default`, this file's namespace stands in, both ways. */
  async call(path: string, call: Call = {}): Promise<Answer> {
    const { method = 'GET', body, contentType, accept } = call;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const sentText = text && this.#toOwn(text);
    const { headers, ...tls } = this.#tls;
    const sent = request(`${this.#server}${this.#pathToOwn(path)}`, {
      ...tls,
      method,
      headers: {
        ...headers,
        'user-agent': 'corpus/1',
        ...(accept && { accept }),
        ...(sentText !== undefined && {
          'content-type': contentType ?? 'application/json',
          'content-length': Buffer.byteLength(sentText),
        }),
      },
    });
    sent.end(sentText);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: parsed(this.#fromOwn(Buffer.concat(chunks).toString())),
    };
  }

  /** POSTs an object that has to be there for what follows. */
  async created(path: string, body: unknown): Promise<any> {
    const answer = await this.call(path, { method: 'POST', body });
    if (answer.status === 201) return answer.body;
    throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  connect(path: string, protocols: string | string[]): WebSocket {
    const url = `${this.#server}${this.#pathToOwn(path)}`.replace(/^http/, 'ws');
    const { headers, ...tls } = this.#tls;
    return new WebSocket(url, protocols, { ...tls, headers: { ...headers } });
  }

  /** On a real cluster Pods are refused until the namespace has its ServiceAccount. */
  async serviceAccount(): Promise<void> {
    const path = '/api/v1/namespaces/default/serviceaccounts/default';
    for (let tries = 0; tries < 100; tries++) {
      if ((await this.call(path)).status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`namespace ${this.namespace} has no ServiceAccount after 5 s`);
  }

  async remove(): Promise<void> {
    await this.call(`/api/v1/namespaces/${this.namespace}`, { method: 'DELETE' });
  }

  #pathToOwn(path: string): string {
    return path.replace('/namespaces/default/', `/namespaces/${this.namespace}/`);
  }

  #toOwn(text: string): string {
    return text.replaceAll(NAMESPACE_FIELD, `$1${this.namespace}`);
  }

  #fromOwn(text: string): string {
    return text.replaceAll(this.namespace, 'default');
  }
}

/** In an object and in the annotation that quotes one. */
const NAMESPACE_FIELD = /(namespace\\?":\s?\\?")default(?=\\?")/g;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The cluster under test, for one test file. */
export function useTarget(): () => Target {
  const embedded = isReal ? undefined : useCluster();
  let target: Target | undefined;
  beforeAll(async () => {
    const path = process.env[KUBECONFIG_VARIABLE] ?? embedded?.cluster.kubeconfigPath ?? '';
    target = await Target.connect(path);
  });
  afterAll(() => target?.remove());
  return () => {
    if (!target) throw new Error('the cluster is not up yet');
    return target;
  };
}
