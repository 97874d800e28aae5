import { Agent, type AgentOptions } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Lane {
  readonly agent: Agent;
  readonly release: () => void;
}

/**
 * A pool of kept connections as clients and proxies hold them: several at a time (so that all Pods
 * behind a Service are connected to), one request at a time on each, none used past its age.
 */
export class KeepAliveLanes {
  readonly #maxAgeMs: number;
  readonly #idle: RenewingAgent[];
  readonly #all: RenewingAgent[];

  constructor({ maxAgeMs, lanes }: { readonly maxAgeMs: number; readonly lanes: number }) {
    this.#maxAgeMs = maxAgeMs;
    this.#all = Array.from({ length: lanes }, () => new RenewingAgent({ maxAgeMs }));
    this.#idle = [...this.#all];
  }

  /** The lane that has rested longest; when all are busy, one more. */
  take(): Lane {
    const agent = this.#idle.shift() ?? this.#add();
    agent.dropOld();
    return { agent, release: () => this.#idle.push(agent) };
  }

  destroy(): void {
    for (const agent of this.#all) agent.destroy();
  }

  #add(): RenewingAgent {
    const agent = new RenewingAgent({ maxAgeMs: this.#maxAgeMs });
    this.#all.push(agent);
    return agent;
  }
}

/** One kept connection at most; it is closed by this side once it is older than `maxAgeMs`. */
class RenewingAgent extends Agent {
  readonly #maxAgeMs: number;
  readonly #openedAt = new WeakMap<Duplex, number>();

  constructor({ maxAgeMs }: { readonly maxAgeMs: number }) {
    const options: AgentOptions = { keepAlive: true, maxSockets: 1, maxFreeSockets: 1 };
    super(options);
    this.#maxAgeMs = maxAgeMs;
  }

  override createConnection(
    ...parameters: Parameters<Agent['createConnection']>
  ): ReturnType<Agent['createConnection']> {
    const socket = super.createConnection(...parameters);
    if (socket) this.#openedAt.set(socket, performance.now());
    return socket;
  }

  // Node's own hook: false closes the connection instead of keeping it.
  override keepSocketAlive(socket: Duplex): boolean {
    if (this.#isOld(socket)) return false;
    // Declared void, but Node answers false when the server has asked not to.
    return (super.keepSocketAlive(socket) as unknown) !== false;
  }

  /** Closes the resting connection if its time is up; the next request then opens a new one. */
  dropOld(): void {
    for (const sockets of Object.values(this.freeSockets)) {
      for (const socket of sockets ?? []) if (this.#isOld(socket)) socket.destroy();
    }
  }

  #isOld(socket: Duplex): boolean {
    return performance.now() - (this.#openedAt.get(socket) ?? 0) >= this.#maxAgeMs;
  }
}
