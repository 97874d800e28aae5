import { Agent, request as httpRequest } from 'node:http';
import { KeepAliveLanes } from './keep-alive-lanes.ts';

export type ConnectionKind = 'new' | 'keep-alive';

/** One request of the probe; it is `pending` until it has either a Pod or an error. */
export interface ProbeRequest {
  readonly kind: ConnectionKind;
  /** When the request began: for a new connection, the instant its connect began. */
  readonly startedAtMs: number;
  durationMs?: number;
  /** The Pod that answered, by its X-Pod header. */
  pod?: string;
  /** `ECONNREFUSED`, `HTTP 503`, `timeout`, … */
  error?: string;
}

export interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  readonly requestsPerSecond: number;
  /** Pools and proxies renew their connections; a kept one is not used past this age. */
  readonly keepAliveMaxAgeMs?: number;
  readonly timeoutMs?: number;
}

/** Requests that wait for an answer at one time; beyond that the probe itself counts a failure. */
const maxPending = 256;
/** An hour at the default rate. */
const maxRecords = 360_000;

/**
 * Constant-rate traffic through a Service: every other request on a new connection, the rest on
 * kept ones that are renewed. Records every request and retries none: a failure is a failure.
 */
export class TrafficProbe implements AsyncDisposable {
  readonly requests: ProbeRequest[] = [];
  readonly #options: Required<ProbeOptions>;
  readonly #lanes: KeepAliveLanes;
  readonly #fresh = new Agent({ keepAlive: false });
  readonly #pending = new Set<Promise<void>>();
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  constructor(options: ProbeOptions) {
    this.#options = { keepAliveMaxAgeMs: 2_000, timeoutMs: 5_000, ...options };
    this.#lanes = new KeepAliveLanes({ maxAgeMs: this.#options.keepAliveMaxAgeMs, lanes: 10 });
    this.#timer = setInterval(() => this.#catchUp(), 5);
    this.#catchUp();
  }

  /** Sends no more, waits for what is under way, closes every connection. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await Promise.all(this.#pending);
    this.#lanes.destroy();
    this.#fresh.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Sends what is due by now: a late timer must not lower the rate. */
  #catchUp(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const due = Math.floor(seconds * this.#options.requestsPerSecond) + 1;
    while (this.#sent < due && this.requests.length < maxRecords) {
      this.#send(this.#sent % 2 === 0 ? 'new' : 'keep-alive');
      this.#sent += 1;
    }
  }

  #send(kind: ConnectionKind): void {
    const record: ProbeRequest = { kind, startedAtMs: Date.now() };
    this.requests.push(record);
    if (this.#pending.size >= maxPending) {
      record.error = `not sent: ${maxPending} requests are waiting for an answer`;
      return;
    }
    const pending = this.#exchange(record).finally(() => this.#pending.delete(pending));
    this.#pending.add(pending);
  }

  async #exchange(record: ProbeRequest): Promise<void> {
    const started = performance.now();
    const lane = record.kind === 'keep-alive' ? this.#lanes.take() : undefined;
    try {
      record.pod = await this.#get(lane?.agent ?? this.#fresh);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      record.error = code ?? message;
    } finally {
      record.durationMs = performance.now() - started;
      lane?.release();
    }
  }

  #get(agent: Agent): Promise<string> {
    const { host, port, timeoutMs } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const outgoing = httpRequest({ host, port, agent, timeout: timeoutMs }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        const pod = response.headers['x-pod'];
        if (response.statusCode !== 200) reject(new Error(`HTTP ${response.statusCode}`));
        else if (typeof pod !== 'string') reject(new Error('answer without X-Pod'));
        else resolve(pod);
      });
      // A body that is cut off ends without 'end'.
      response.on('close', () => reject(new Error('cut off in the body')));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')));
    outgoing.on('error', reject);
    outgoing.end();
    return promise;
  }
}
