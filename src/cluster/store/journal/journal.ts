import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from '../../api-error.ts';
import type { Persistence, Store } from '../store.ts';
import type { Change } from '../watch-log.ts';
import { fileName, listGenerations, removeAll, syncDirectory } from './files.ts';
import { JournalError } from './journal-error.ts';
import { encodeLine, encodeObject } from './line.ts';
import { lockDirectory } from './lock.ts';
import { recover, type Recovered } from './recover.ts';
import { writeSnapshot } from './snapshot.ts';

/** Come and go by themselves, often: a restarted cluster is better off without them. */
const NOT_KEPT: ReadonlySet<string> = new Set(['events', 'leases']);

/** How many revisions are set aside at once, so that commits that are not kept need no write. */
const RESERVED_AHEAD = 100_000;

export interface JournalOptions {
  /** A journal is replaced by a snapshot when it is this large, and twice as large as the last snapshot. */
  readonly minTurnBytes?: number;
  /** Told once when the journal cannot be written any more: every answer from then on is an error. */
  readonly onFailed?: (error: Error) => void;
}

/**
 * Opens the journal in a directory, made when it is not there, and reads what an earlier life of the
 * cluster has left in it. Throws JournalError when another cluster has it or a file is damaged.
 */
export async function openJournal(
  directory: string,
  options: JournalOptions = {},
): Promise<Journal> {
  await using taken = new AsyncDisposableStack();
  const generations = await listGenerations(directory);
  taken.use(await lockDirectory(directory));
  await removeAll(directory, generations.useless);
  const recovered = await recover(directory, generations);
  const generation = generations.journals.at(-1) ?? generations.snapshot ?? 0;
  const handle = await open(join(directory, fileName('journal', generation)), 'a', 0o600);
  // The rest was cut short by a crash: what comes next must not be glued to it.
  await handle.truncate(recovered.end);
  await handle.datasync();
  await syncDirectory(directory);
  return new Journal({ directory, options, generation, handle, recovered, lock: taken.move() });
}

interface Opened {
  readonly directory: string;
  readonly options: JournalOptions;
  readonly generation: number;
  readonly handle: FileHandle;
  readonly recovered: Recovered;
  readonly lock: AsyncDisposableStack;
}

interface Waiter {
  readonly revision: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const MIN_TURN_BYTES = 16 * 1024 * 1024;

/**
 * The commits of a store as lines of NDJSON, written in batches: while one is on its way to the disk
 * the next gathers. What is told outside waits for the batch that has it.
 */
export class Journal implements Persistence, AsyncDisposable {
  readonly #directory: string;
  readonly #options: JournalOptions;
  readonly #lock: AsyncDisposableStack;
  #store: Store | undefined;
  #recovered: Recovered | undefined;
  #handle: FileHandle;
  #generation: number;
  #bytes: number;
  #snapshotBytes: number;
  #snapshotting: Promise<void> | undefined;

  #pending: { readonly resource: string; readonly change: Change }[] = [];
  #writing: Promise<void> | undefined;
  #recorded: number;
  #durable: number;
  /** Set aside on disk; wanted are more when they run out. */
  #reserved: number;
  #wanted: number;
  #waiters: Waiter[] = [];
  readonly #listeners: (() => void)[] = [];
  #failure: ApiError | undefined;

  constructor({ directory, options, generation, handle, recovered, lock }: Opened) {
    this.#directory = directory;
    this.#options = options;
    this.#lock = lock;
    this.#handle = handle;
    this.#generation = generation;
    this.#recovered = recovered;
    this.#bytes = recovered.end;
    this.#snapshotBytes = recovered.snapshotBytes;
    this.#recorded = this.#durable = this.#reserved = recovered.revision;
    this.#wanted = recovered.revision + RESERVED_AHEAD;
  }

  /** Fills the store with what was left by the last one, and from then on writes down its commits. */
  begin(store: Store): void {
    if (this.#recovered) store.restore(this.#recovered.objects, this.#recovered.revision);
    this.#recovered = undefined;
    this.#store = store;
    this.#write();
  }

  get durableRevision(): number {
    return this.#durable;
  }

  record(resource: string, change: Change): void {
    this.#recorded = change.revision;
    if (!NOT_KEPT.has(resource)) this.#pending.push({ resource, change });
    if (this.#recorded + RESERVED_AHEAD / 2 > this.#wanted) {
      this.#wanted = this.#recorded + RESERVED_AHEAD;
    }
    if (this.#isOnDisk()) this.#advance(this.#recorded);
    if (this.#hasMore()) this.#write();
  }

  whenDurable(revision: number): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure);
    if (revision <= this.#durable) return undefined;
    return new Promise((resolve, reject) => {
      this.#waiters.push({ revision, resolve, reject });
    });
  }

  onDurable(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Writes what is left and gives the directory free. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#writing || this.#snapshotting) {
      await this.#writing;
      await this.#snapshotting;
    }
    this.#failure ??= new ApiError(500, 'InternalError', 'the cluster is stopping');
    await this.#handle.close();
    await this.#lock.disposeAsync();
  }

  #isOnDisk(): boolean {
    return !this.#writing && this.#pending.length === 0 && this.#recorded <= this.#reserved;
  }

  #hasMore(): boolean {
    return this.#pending.length > 0 || this.#wanted > this.#reserved;
  }

  #write(): void {
    if (this.#writing || this.#failure) return;
    this.#writing = this.#writeAll().catch((error: unknown) => this.#fail(error as Error));
  }

  async #writeAll(): Promise<void> {
    // All that this turn of the loop commits goes into the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#hasMore()) {
      const batch = this.#pending;
      const [recorded, wanted] = [this.#recorded, this.#wanted];
      this.#pending = [];
      const lines = batch.map(({ resource, change: { revision: rev, type, entry } }) =>
        encodeObject(
          { rev, resource, key: entry.key },
          type === 'DELETED' ? undefined : entry.json,
        ),
      );
      if (wanted > this.#reserved) lines.push(encodeLine({ reserved: wanted }));
      const bytes = Buffer.concat(lines);
      await this.#handle.appendFile(bytes);
      await this.#handle.datasync();
      this.#bytes += bytes.length;
      this.#reserved = wanted;
      this.#advance(recorded);
      if (this.#isLarge()) await this.#turn();
    }
    // At once: what is recorded from here on begins the next run.
    this.#writing = undefined;
    this.#advance(this.#recorded);
  }

  #advance(revision: number): void {
    if (revision <= this.#durable) return;
    this.#durable = revision;
    const count = this.#waiters.findIndex((waiter) => waiter.revision > revision);
    const ready = count < 0 ? this.#waiters.splice(0) : this.#waiters.splice(0, count);
    for (const { resolve } of ready) resolve();
    for (const listener of this.#listeners) listener();
  }

  #fail(error: Error): void {
    const path = join(this.#directory, fileName('journal', this.#generation));
    const message = `the journal ${path} cannot be written (${error.message}): nothing more is accepted. Make room or repair the disk, and start the cluster again`;
    this.#writing = undefined;
    this.#failure = new ApiError(500, 'InternalError', message);
    for (const { reject } of this.#waiters.splice(0)) reject(this.#failure);
    this.#options.onFailed?.(new JournalError(message, { cause: error }));
  }

  #isLarge(): boolean {
    const { minTurnBytes = MIN_TURN_BYTES } = this.#options;
    return !this.#snapshotting && this.#bytes > Math.max(minTurnBytes, 2 * this.#snapshotBytes);
  }

  /** Begins the next journal, and beside it writes the state that makes the ones before it useless. */
  async #turn(): Promise<void> {
    const store = this.#store;
    if (!store) return;
    const generation = this.#generation + 1;
    const handle = await open(join(this.#directory, fileName('journal', generation)), 'ax', 0o600);
    await syncDirectory(this.#directory);
    await this.#handle.close();
    this.#handle = handle;
    this.#generation = generation;
    this.#bytes = 0;
    const entries = [...store.collections].flatMap(([resource, collection]) =>
      NOT_KEPT.has(resource) ? [] : collection.entries().map((entry) => ({ resource, entry })),
    );
    const state = { revision: store.revision, reserved: this.#reserved, entries };
    this.#snapshotting = this.#snapshot(generation, state);
  }

  async #snapshot(generation: number, state: Parameters<typeof writeSnapshot>[2]): Promise<void> {
    try {
      this.#snapshotBytes = await writeSnapshot(this.#directory, generation, state);
      const { useless } = await listGenerations(this.#directory);
      await removeAll(this.#directory, useless);
    } catch (error) {
      this.#fail(error as Error);
    } finally {
      this.#snapshotting = undefined;
    }
  }
}
