/** Something that is listened at; closing it leaves alone what it has accepted. */
export interface Listener {
  close(): void;
}

export interface ListenersOptions<Target> {
  /** `current` is the newest target that was wanted under the key, also after the call. */
  readonly open: (key: string, current: () => Target) => Promise<Listener>;
  readonly failed: (key: string, target: Target, error: Error) => void;
}

interface Entry<Target> {
  target: Target;
  listener?: Listener;
  retry?: NodeJS.Timeout;
  hasFailed?: boolean;
}

const retryMs = 10_000;

/** The set of open listeners, brought in line with the wanted set whenever that changes. */
export class Listeners<Target> implements Disposable {
  readonly #options: ListenersOptions<Target>;
  readonly #entries = new Map<string, Entry<Target>>();
  readonly #opening = new Map<string, Promise<void>>();

  constructor(options: ListenersOptions<Target>) {
    this.#options = options;
  }

  want(key: string, target: Target | undefined): void {
    const entry = this.#entries.get(key);
    if (target === undefined) this.#close(key, entry);
    else if (entry) entry.target = target;
    else this.#add(key, { target });
  }

  // Endpoints that flap want the same address again before an earlier try to open it has ended.
  #add(key: string, entry: Entry<Target>): void {
    this.#entries.set(key, entry);
    const opening = this.#openAfter(this.#opening.get(key), key, entry);
    this.#opening.set(key, opening);
  }

  async #openAfter(
    before: Promise<void> | undefined,
    key: string,
    entry: Entry<Target>,
  ): Promise<void> {
    await before;
    await this.#open(key, entry);
    if (this.#entries.get(key) === entry) this.#opening.delete(key);
  }

  async #open(key: string, entry: Entry<Target>): Promise<void> {
    if (this.#entries.get(key) !== entry) return;
    try {
      const listener = await this.#options.open(key, () => entry.target);
      if (this.#entries.get(key) === entry) entry.listener = listener;
      else listener.close();
    } catch (error) {
      if (this.#entries.get(key) !== entry) return;
      if (!entry.hasFailed) this.#options.failed(key, entry.target, error as Error);
      entry.hasFailed = true;
      entry.retry = setTimeout(() => this.#add(key, entry), retryMs).unref();
    }
  }

  #close(key: string, entry: Entry<Target> | undefined): void {
    if (!entry) return;
    this.#entries.delete(key);
    clearTimeout(entry.retry);
    entry.listener?.close();
  }

  [Symbol.dispose](): void {
    for (const [key, entry] of this.#entries) this.#close(key, entry);
  }
}
