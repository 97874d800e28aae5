import type { IncomingMessage } from 'node:http';
import { createInterface, type Interface } from 'node:readline';
import type { ObjectMeta, Status } from 'kubernetes-types/meta/v1.js';
import { type Api, ApiFailure, type CallOptions } from './api.ts';
import type { Stored } from './resource.ts';

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Stored<T>;
}

/** A watch whose events wait to be asked for, in their order. */
export class Watching<T extends { readonly metadata?: ObjectMeta }> implements Disposable {
  readonly #response: IncomingMessage;
  readonly #lines: Interface;
  readonly #events: WatchEvent<T>[] = [];
  #wake = Promise.withResolvers<void>();
  #ended = false;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    this.#lines = createInterface({ input: response });
    this.#lines.on('line', (line) => {
      this.#events.push(JSON.parse(line) as WatchEvent<T>);
      this.#notify();
    });
    const end = () => {
      this.#ended = true;
      this.#notify();
    };
    response.on('error', end).on('close', end);
  }

  static async open<T extends { readonly metadata?: ObjectMeta }>(
    api: Api,
    path: string,
    query: NonNullable<CallOptions['query']>,
  ): Promise<Watching<T>> {
    const response = await api.open('GET', path, { query: { ...query, watch: true } });
    if (response.statusCode !== 200) {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      throw new ApiFailure(`watch ${path}`, response.statusCode!, Buffer.concat(chunks).toString());
    }
    return new Watching<T>(response);
  }

  /** The next event, or undefined after `timeoutMs` and when the watch has ended. */
  async next(timeoutMs: number): Promise<WatchEvent<T> | undefined> {
    const timeout = AbortSignal.timeout(timeoutMs);
    while (this.#events.length === 0) {
      if (this.#ended || timeout.aborted) return undefined;
      await Promise.race([
        this.#wake.promise,
        new Promise((resolve) => timeout.addEventListener('abort', resolve, { once: true })),
      ]);
    }
    return this.#events.shift();
  }

  /** The next event that fits, skipping those before it; throws after `timeoutMs`. */
  async until(
    what: string,
    fits: (event: WatchEvent<T>) => boolean,
    timeoutMs = 60_000,
  ): Promise<WatchEvent<T>> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const event = await this.next(Math.max(1, end - Date.now()));
      if (!event) throw new Error(`the watch never saw: ${what}`);
      if (event.type === 'ERROR') {
        throw new Error(`the watch failed: ${(event.object as unknown as Status).message}`);
      }
      if (fits(event)) return event;
    }
  }

  stop(): void {
    this.#lines.close();
    this.#response.destroy();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
