import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket as UdpSocket } from 'node:dgram';
import type { Server } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { hasNamespaces } from '../network/index.ts';
import type { FromNode, NodeConfig, ToNode } from '../node/messages.ts';
import { systemPath } from '../system-path.ts';
import { ClusterError } from './cluster-error.ts';
import { compileCache, nodeEntry } from './entry.ts';
import type { Isolation } from './isolation.ts';
import { openListeningSocket, openUdpSocket } from './listening-socket.ts';
import { childrenOf, gone, identify, type ProcessIdentity } from './process-identity.ts';
import { clusterVariable, reap } from './reap.ts';

type OpenNodePort = Extract<FromNode, { readonly type: 'open-node-port' }>;

export interface NodeExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface NodeProcessOptions {
  readonly uid: string;
  readonly isolation: Isolation;
  readonly log: (line: string) => void;
}

/** The process that holds the whole cluster, seen from outside. */
export class NodeProcess {
  /** Resolves when nothing of the cluster runs any more. */
  readonly exited: Promise<NodeExit>;
  readonly #child: ChildProcess;
  readonly #options: NodeProcessOptions;
  readonly #ready = Promise.withResolvers<void>();
  readonly #lastLines: string[] = [];
  #identity: ProcessIdentity | undefined;

  constructor(options: NodeProcessOptions) {
    this.#options = options;
    const command: string[] = [...options.isolation.prefix, process.execPath, nodeEntry()];
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, {
      // A session of its own: Ctrl-C in the terminal is for us, not for the containers.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...compileCache(process.env),
        ...process.env,
        PATH: systemPath(process.env['PATH'] ?? ''),
        [clusterVariable]: options.uid,
      },
    });
    // Awaited by start(); a node that dies later is told by `exited`.
    this.#ready.promise.catch(() => {});
    this.exited = this.#watchExit();
    this.#child.on('message', (message) => void this.#receive(message as FromNode));
    if (this.#child.stderr) {
      createInterface(this.#child.stderr).on('line', (line) => this.#note(line));
    }
  }

  /** The node's own process, not the tools that set it apart; known once it is ready. */
  get identity(): ProcessIdentity | undefined {
    return this.#identity;
  }

  /** Hands in the configuration and the API server's socket; resolves when the node is Ready. */
  async start(config: NodeConfig, apiSocket: Server): Promise<void> {
    this.#send({ type: 'start', config }, apiSocket);
    await this.#ready.promise;
    this.#identity = this.#identify();
  }

  /** Asks the node to stop, and after `timeoutMs` kills it; nothing is left when it resolves. */
  async stop(timeoutMs = 5000): Promise<NodeExit> {
    this.#send({ type: 'stop' });
    const timer = setTimeout(() => this.kill(), timeoutMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  kill(): void {
    // Killing unshare takes the PID namespace along (--kill-child).
    this.#child.kill('SIGKILL');
  }

  async #watchExit(): Promise<NodeExit> {
    const { promise, resolve } = Promise.withResolvers<NodeExit>();
    const closed = new Promise((resolve) => this.#child.stderr?.once('close', resolve));
    this.#child.on('error', (error) => {
      this.#ready.reject(new ClusterError('start-failed', error.message, { cause: error }));
      if (this.#child.pid === undefined) resolve({ code: null, signal: null });
    });
    this.#child.on('exit', (code, signal) => resolve({ code, signal }));
    const exit = await promise;
    this.#ready.reject(
      new ClusterError('start-failed', `the node process ended (${exit.signal ?? exit.code})`, {
        hint: this.#lastLines.join('\n'),
      }),
    );
    if (this.#child.connected) this.#child.disconnect();
    // When unshare itself was killed, the kernel is still busy with the rest.
    await Promise.race([closed, delay(5000, undefined, { ref: false })]);
    if (this.#identity) await gone(this.#identity, 5000);
    if (!hasNamespaces(this.#options.isolation.level)) await reap(this.#options.uid);
    return exit;
  }

  async #receive(message: FromNode): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#ready.resolve();
        break;
      case 'failed':
        this.#ready.reject(
          new ClusterError('start-failed', `the cluster did not start: ${message.message}`),
        );
        break;
      case 'open-node-port':
        await this.#handInNodePort(message);
        break;
    }
  }

  async #handInNodePort({ port, protocol }: OpenNodePort): Promise<void> {
    const about = { port, protocol };
    try {
      const open = protocol === 'UDP' ? openUdpSocket : openListeningSocket;
      this.#send({ type: 'node-port', ...about }, await open(port));
    } catch (error) {
      this.#send({ type: 'node-port-refused', ...about, message: (error as Error).message });
    }
  }

  // The node has the socket when the message is written: our own copy is closed then, or clients
  // would hang in it after the node's death.
  #send(message: ToNode, socket?: Server | UdpSocket): void {
    if (!this.#child.connected) {
      socket?.close();
      return;
    }
    this.#child.send(message, socket, {}, () => socket?.close());
  }

  #identify(): ProcessIdentity | undefined {
    let pid = this.#child.pid;
    if (pid === undefined) return undefined;
    // unshare's child is the collector of orphans, its first child is the node.
    for (const _ of hasNamespaces(this.#options.isolation.level) ? ['collector', 'node'] : []) {
      pid = childrenOf(pid)[0] ?? pid;
    }
    return identify(pid);
  }

  #note(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > 20) this.#lastLines.shift();
    this.#options.log(line);
  }
}
