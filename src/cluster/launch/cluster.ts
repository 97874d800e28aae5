import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { generateCertificates } from '../apiserver/certificates.ts';
import type { ProxyFollows } from '../balancer/index.ts';
import { ask } from '../control/ask.ts';
import { Faults } from '../control/faults.ts';
import { Images } from '../control/images.ts';
import type { ImageCatalogue } from '../kubelet/images.ts';
import type { Level } from '../network/index.ts';
import { ClusterError } from './cluster-error.ts';
import { chooseIsolation } from './isolation.ts';
import { type Access, kubeconfigText, writeKubeconfig } from './kubeconfig.ts';
import { openListeningSocket, portOf } from './listening-socket.ts';
import { type NodeExit, NodeProcess } from './node-process.ts';
import { identify } from './process-identity.ts';
import { answers } from './readyz.ts';
import {
  claim,
  clusterDirectory,
  type ClusterRecord,
  filesOf,
  removeRemains,
  updateRecord,
} from './record.ts';

export interface ClusterOptions {
  /** By default `pitstop`. One cluster of a name runs at a time. */
  readonly name?: string;
  /** Where its kubeconfig, record and Pods' files are; by default under `$XDG_STATE_HOME`. */
  readonly directory?: string;
  /** What the Service data plane believes; `endpoints` is Kubernetes ≤ 1.18. */
  readonly proxyFollows?: ProxyFollows;
  /** By default `auto`: `namespaces` where the machine allows them. */
  readonly level?: Level | 'auto';
  /** Port on 127.0.0.1; by default any free one. */
  readonly apiPort?: number;
  /** Images besides the built-in ones: `my-api:1` → what it runs on this machine. */
  readonly images?: ImageCatalogue;
  /** Stops the cluster, while it starts and later. */
  readonly signal?: AbortSignal;
  /** Gets the node's log, one JSON document a line. */
  readonly log?: (line: string) => void;
}

/** A running cluster; it lives as long as the process that started it, unless stopped before. */
export class Cluster implements AsyncDisposable {
  readonly name: string;
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  readonly level: Level;
  /** Why the level is not the best there is, if it is not and was not asked for. */
  readonly levelReason?: string;
  readonly directory: string;
  readonly kubeconfigPath: string;
  /** The text of the kubeconfig: whoever has it is admin. */
  readonly kubeconfig: string;
  /** What `image:` may name in it. */
  readonly images: Images;
  /** Damage on demand. */
  readonly faults: Faults;
  /** Resolves when the cluster has ended, for whatever reason, and its files are removed. */
  readonly exited: Promise<NodeExit>;
  readonly #access: Access;
  readonly #node: NodeProcess;

  private constructor({ record, access, node, exited }: Started) {
    this.name = record.name;
    this.server = access.server;
    this.level = record.level ?? 'plain';
    if (record.levelReason !== undefined) this.levelReason = record.levelReason;
    this.directory = record.directory;
    this.kubeconfigPath = record.kubeconfigPath;
    this.kubeconfig = kubeconfigText(record.name, access);
    this.images = new Images(access);
    this.faults = new Faults(access);
    this.exited = exited;
    this.#access = access;
    this.#node = node;
  }

  /**
   * Starts a cluster and resolves when its nodes are Ready; throws `ClusterError` when the name is
   * running already, the level is refused or a node did not come up, and leaves nothing behind then.
   */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    return new Cluster(await start(options));
  }

  /** Forgets the history of watches and lists, as etcd's compaction does: older ones get 410 Gone. */
  async compact(): Promise<void> {
    await ask(this.#access, 'POST', 'compactions');
  }

  /** Resolves when no process, mount, socket or file of it is left. */
  async stop(): Promise<void> {
    await this.#node.stop();
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

interface Started {
  readonly record: ClusterRecord;
  readonly access: Access;
  readonly node: NodeProcess;
  readonly exited: Promise<NodeExit>;
}

async function start(options: ClusterOptions): Promise<Started> {
  const { name = 'pitstop', proxyFollows = 'endpointslices', signal } = options;
  signal?.throwIfAborted();
  const directory = options.directory ?? clusterDirectory(name);
  const files = filesOf(directory);
  const record = newRecord({ name, directory, proxyFollows });

  await using undo = new AsyncDisposableStack();
  const isolating = chooseIsolation(options.level ?? 'auto');
  // A refused claim is reported first; the other failure must not go unheard meanwhile.
  isolating.catch(() => {});
  await claim(record);
  undo.defer(() => removeRemains(directory, record));
  await mkdir(files.data, { recursive: true });
  const isolation = await isolating;

  const node = new NodeProcess({ uid: record.uid, isolation, log: options.log ?? (() => {}) });
  undo.defer(async () => {
    node.kill();
    await node.exited;
  });
  let isReady = false;
  const abort = () => (isReady ? void node.stop() : node.kill());
  signal?.addEventListener('abort', abort, { once: true });
  undo.defer(() => signal?.removeEventListener('abort', abort));
  signal?.throwIfAborted();

  // While Node boots in there: certificates take as long as its start.
  const socket = await openListeningSocket(options.apiPort ?? 0);
  const { ca, ...certificates } = await generateCertificates();
  const access: Access = {
    server: `https://127.0.0.1:${portOf(socket)}`,
    token: randomBytes(32).toString('base64url'),
    ca,
  };
  await Promise.all([
    writeKubeconfig(files.kubeconfig, name, access),
    node.start(
      {
        name,
        uid: record.uid,
        level: isolation.level,
        proxyFollows,
        dataDirectory: files.data,
        images: options.images ?? {},
        apiServer: access.server,
        token: access.token,
        certificates: { ca, ...certificates },
      },
      socket,
    ),
  ]).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
  if (!(await answers(access))) {
    throw new ClusterError('start-failed', `the API server does not answer at ${access.server}`);
  }
  const ready: ClusterRecord = {
    ...record,
    level: isolation.level,
    ...(isolation.refusal !== undefined && { levelReason: isolation.refusal }),
    server: access.server,
    ...(node.identity && { node: node.identity }),
  };
  await updateRecord(ready);
  signal?.throwIfAborted();
  isReady = true;

  const kept = undo.move();
  const exited = node.exited.then(async (exit) => {
    await kept.disposeAsync();
    return exit;
  });
  return { record: ready, access, node, exited };
}

function newRecord(
  known: Pick<ClusterRecord, 'name' | 'directory' | 'proxyFollows'>,
): ClusterRecord {
  const holder = identify(process.pid);
  if (!holder) throw new Error(`cannot tell the start time of process ${process.pid}`);
  return {
    ...known,
    uid: randomUUID(),
    kubeconfigPath: filesOf(known.directory).kubeconfig,
    startedAt: new Date().toISOString(),
    holder,
  };
}
