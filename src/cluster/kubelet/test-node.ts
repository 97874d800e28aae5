import type { Event, Pod, PodSpec } from 'kubernetes-types/core/v1.js';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { WebSocket } from 'ws';
import { chooseIsolation } from '../launch/isolation.ts';
import { readAccess } from '../launch/kubeconfig.ts';
import { Cluster } from '../launch/cluster.ts';
import { type Level, levels } from '../network/index.ts';
import type { Image } from './images.ts';

const { level: best, refusal } = await chooseIsolation('auto');

/** Why this machine cannot run containers in namespaces, or undefined when it can. */
export const noNamespaces: string | undefined = refusal;
/** The level with namespaces that this user can have: `namespaces` for root, `user` for others. */
export const contained: Level = best === 'user' ? 'user' : 'namespaces';

/** A level, with the reason why this machine cannot have it. */
interface LevelHere {
  readonly level: Level;
  readonly refusal?: string;
  readonly title: string;
}

const all: readonly LevelHere[] = await Promise.all(
  levels.map(async (level) => {
    try {
      await chooseIsolation(level);
      return { level, title: level };
    } catch (error) {
      const refusal = (error as Error).message;
      return { level, refusal, title: `${level}, not tested: ${refusal}` };
    }
  }),
);

/** What deep tests go through: the best level of this machine, in the slow run every level. */
export const levelsHere =
  process.env['PITSTOP_TEST_LEVELS'] === 'all' ? all : all.filter(({ level }) => level === best);

/** The levels that the quick run looks at but briefly. */
export const otherLevels = all.filter(({ level }) => level !== best);

interface RequestOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly type?: string;
}

export interface Output {
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Channel 3's status; undefined when the connection ended without one. */
  readonly status?: { readonly status: string; readonly message?: string } | undefined;
  readonly exitCode: number | undefined;
}

/** A cluster for one test file, and what its tests do with Pods. */
export class TestNode {
  #cluster: Cluster | undefined;

  /** Starts with the file and ends with it. */
  static use(level: Level): TestNode {
    const node = new TestNode();
    const given = new AsyncDisposableStack();
    beforeAll(async () => {
      const parent = await mkdtemp(join(tmpdir(), 'pitstop-kubelet-'));
      given.defer(() => rm(parent, { recursive: true, force: true }));
      const name = `kubelet-${randomBytes(4).toString('hex')}`;
      node.#cluster = given.use(
        await Cluster.start({ name, level, directory: join(parent, name) }),
      );
    });
    afterAll(() => given.disposeAsync());
    return node;
  }

  /** The same for a cluster that the caller starts and stops. */
  static of(cluster: Cluster): TestNode {
    const node = new TestNode();
    node.#cluster = cluster;
    return node;
  }

  get kubeconfig(): string {
    if (!this.#cluster) throw new Error('the cluster is not up yet');
    return this.#cluster.kubeconfigPath;
  }

  async setImage(name: string, image: Image): Promise<void> {
    if (!this.#cluster) throw new Error('the cluster is not up yet');
    await this.#cluster.images.set(name, image);
  }

  async request<T>(path: string, options: RequestOptions = {}): Promise<T> {
    const { status, text } = await this.#send(path, options);
    if (status >= 300) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  create(resource: string, body: unknown): Promise<unknown> {
    return this.request(`/api/v1/namespaces/default/${resource}`, { method: 'POST', body });
  }

  run(name: string, spec: PodSpec): Promise<unknown> {
    return this.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: name } },
      spec,
    });
  }

  pod(name: string): Promise<Pod> {
    return this.request(`/api/v1/namespaces/default/pods/${name}`);
  }

  delete(name: string, gracePeriodSeconds?: number): Promise<unknown> {
    return this.request(`/api/v1/namespaces/default/pods/${name}`, {
      method: 'DELETE',
      ...(gracePeriodSeconds !== undefined && { body: { gracePeriodSeconds } }),
    });
  }

  /** Merges conditions as `kubectl patch --subresource=status` does. */
  patchStatus(name: string, conditions: readonly unknown[]): Promise<unknown> {
    return this.request(`/api/v1/namespaces/default/pods/${name}/status`, {
      method: 'PATCH',
      type: 'application/strategic-merge-patch+json',
      body: { status: { conditions } },
    });
  }

  /** The Pod as soon as it is as wished; the error says how it was last. */
  async until(name: string, wish: (pod: Pod) => boolean, timeoutMs = 40_000): Promise<Pod> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const pod = await this.pod(name);
      if (wish(pod)) return pod;
      if (Date.now() > deadline) throw new Error(`pod ${name} is ${JSON.stringify(pod.status)}`);
      await delay(50);
    }
  }

  ready(name: string): Promise<Pod> {
    return this.until(name, (pod) => conditionOf(pod, 'Ready')?.status === 'True');
  }

  async gone(name: string, timeoutMs = 40_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const { items } = await this.request<{ items: Pod[] }>('/api/v1/namespaces/default/pods');
      if (!items.some(({ metadata }) => metadata?.name === name)) return;
      if (Date.now() > deadline) throw new Error(`pod ${name} is still there`);
      await delay(50);
    }
  }

  async events(name: string): Promise<string[]> {
    const { items } = await this.request<{ items: Event[] }>('/api/v1/namespaces/default/events');
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ type, reason, message }) => `${type} ${reason} ${message}`);
  }

  async log(name: string, query = ''): Promise<string> {
    const path = `/api/v1/namespaces/default/pods/${name}/log?${query}`;
    return (await this.#send(path, {})).text;
  }

  /** Opens exec as kubectl does; the caller listens. */
  async connect(
    name: string,
    query: string,
    protocols: string | string[] = 'v5.channel.k8s.io',
  ): Promise<WebSocket> {
    const access = await this.#access();
    const url = `${access.server.replace('https', 'wss')}/api/v1/namespaces/default/pods/${name}/${query}`;
    return new WebSocket(url, protocols, {
      ca: access.ca,
      headers: { authorization: `Bearer ${access.token}` },
      perMessageDeflate: false,
    });
  }

  async exec(
    name: string,
    command: readonly string[],
    stdin?: Buffer,
    container?: string,
  ): Promise<Output> {
    const query = command.map((word) => `command=${encodeURIComponent(word)}`).join('&');
    const where = container === undefined ? '' : `&container=${container}`;
    const flags = `stdout=true&stderr=true${stdin ? '&stdin=true' : ''}${where}`;
    const socket = await this.connect(name, `exec?${query}&${flags}`);
    const chunks: Buffer[][] = [[], [], [], []];
    socket.on('message', (data: Buffer) => chunks[data[0] ?? 0]?.push(data.subarray(1)));
    socket.once('open', () => {
      if (!stdin) return;
      socket.send(Buffer.concat([Buffer.from([0]), stdin]));
      socket.send(Buffer.from([255, 0]));
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('close', () => resolve());
    socket.once('error', reject);
    await promise;
    const [, stdout = [], stderr = [], error = []] = chunks;
    const text = Buffer.concat(error).toString();
    const status = text ? (JSON.parse(text) as NonNullable<Output['status']>) : undefined;
    const code = /exit code (\d+)$/.exec(status?.message ?? '')?.[1];
    return {
      stdout: Buffer.concat(stdout),
      stderr: Buffer.concat(stderr).toString(),
      status,
      exitCode: status?.status === 'Success' ? 0 : code === undefined ? undefined : Number(code),
    };
  }

  /** What a command that must succeed prints. */
  async shell(name: string, script: string, container?: string): Promise<string> {
    const command = ['sh', '-c', script];
    const { stdout, stderr, exitCode } = await this.exec(name, command, undefined, container);
    if (exitCode !== 0) throw new Error(`${script}: exit code ${exitCode}: ${stderr}`);
    return stdout.toString();
  }

  async #send(path: string, options: RequestOptions): Promise<{ status: number; text: string }> {
    const { server, ca, token } = await this.#access();
    const { method = 'GET', body, type = 'application/json' } = options;
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': type,
      // Node leaves it out of a DELETE.
      'content-length': Buffer.byteLength(text),
    };
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const sent = request(server + path, { ca, agent: false, headers, method }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 500, text }));
    });
    sent.once('error', reject);
    sent.end(text);
    return promise;
  }

  async #access() {
    const access = await readAccess(this.kubeconfig);
    if (!access) throw new Error(`no access in ${this.kubeconfig}`);
    return access;
  }
}

export function conditionOf(pod: Pod, type: string) {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}
