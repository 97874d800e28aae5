import type { Faults } from '../control/faults.ts';
import type { Images } from '../control/images.ts';
import { reached, type ReachedCluster } from '../control/reached.ts';
import type { Level } from '../network/index.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { kubeconfigText } from './kubeconfig.ts';
import type { NodeExit, NodeProcess } from './node-process.ts';
import { start, type StartedCluster } from './start-cluster.ts';

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
  readonly #reached: ReachedCluster;
  readonly #node: NodeProcess;

  private constructor({ record, access, node, exited }: StartedCluster) {
    this.name = record.name;
    this.server = access.server;
    this.level = record.level ?? 'plain';
    if (record.levelReason !== undefined) this.levelReason = record.levelReason;
    this.directory = record.directory;
    this.kubeconfigPath = record.kubeconfigPath;
    this.kubeconfig = kubeconfigText(record.name, access);
    this.#reached = reached(record.name, access);
    this.images = this.#reached.images;
    this.faults = this.#reached.faults;
    this.exited = exited;
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
    await this.#reached.compact();
  }

  /** The text of a kubeconfig for a further user, by a client certificate; roles and bindings say what he may do. */
  async kubeconfigFor(user: {
    readonly username: string;
    readonly groups?: readonly string[];
  }): Promise<string> {
    return await this.#reached.kubeconfig(user);
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
