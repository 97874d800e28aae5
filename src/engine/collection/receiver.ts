import { createHash, type Hash } from 'node:crypto';

/** Where received bytes go. */
export interface Sink {
  /** Resolves when the chunk's memory may be used again. */
  write(chunk: Buffer): Promise<void>;
  /** Whether bytes can be taken back: stdout cannot. */
  readonly canRewind: boolean;
  /** Forgets everything from `position` on. */
  rewind(position: number): Promise<void>;
  /** Feeds what has been written to `take`, at most `limit` bytes; absent where it is gone by then. */
  recall?(limit: number, take: (chunk: Buffer) => Promise<void>): Promise<void>;
}

/**
 * What proves the bytes: one hash of the whole file, which costs both ends least; one of each range,
 * which tells where something went wrong; or nothing, where the container cannot hash.
 */
export type Proof = 'whole' | 'ranges' | 'none';

interface ReceiverOptions {
  readonly sizeBytes: number;
  readonly rangeBytes: number;
  readonly sink: Sink;
  /** `whole` only into a sink that can recall what it was given. */
  readonly proof: Proof;
  /** After each range whose hash agreed; all hashes of the file's beginning. */
  readonly onVerified: (hashes: readonly string[]) => Promise<void>;
}

/**
 * Takes the bytes of one file in order, over as many streams as it needs, and compares SHA-256 with
 * the container: of the whole while nothing breaks, of each range from then on. What is not verified
 * counts for nothing but may still turn out well.
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #rangeCount: number;
  readonly #remote = new Map<number, string>();
  readonly #local: string[] = [];
  #proof: Proof;
  #remoteWhole: string | undefined;
  #position = 0;
  #verified = 0;
  #range: Hash = createHash('sha256');
  #whole: Hash = createHash('sha256');
  /** The whole-file hash as it was at the end of each range that is not verified yet. */
  readonly #wholeAt = new Map<number, Hash>([[0, createHash('sha256')]]);

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#proof = options.proof;
    this.#rangeCount = Math.ceil(options.sizeBytes / options.rangeBytes);
  }

  /** Bytes taken so far; the next stream begins here. */
  get position(): number {
    return this.#position;
  }

  /** Number of ranges, from the first, whose hashes agreed. */
  get verifiedRanges(): number {
    return this.#verified;
  }

  get proof(): Proof {
    return this.#proof;
  }

  get isComplete(): boolean {
    if (this.#position < this.#options.sizeBytes) return false;
    if (this.#proof === 'whole') return this.#remoteWhole !== undefined;
    return this.#verified === this.#rangeCount || this.#proof === 'none';
  }

  /** Takes more bytes, never more than the file has; their memory may be used again when it resolves. */
  async take(chunk: Buffer): Promise<void> {
    const written = this.#options.sink.write(chunk);
    // Meanwhile it is being written.
    this.#hash(chunk);
    await written;
    await this.#compare();
  }

  /** Bytes that an earlier run has already put into the sink. */
  async recall(chunk: Buffer): Promise<void> {
    this.#hash(chunk);
    await this.#compare();
  }

  /** The container's hash of a range. */
  async hear(range: number, hash: string): Promise<void> {
    this.#remote.set(range, hash);
    await this.#compare();
  }

  /** The container's hash of the whole file, where that is the proof. */
  async hearWhole(hash: string): Promise<void> {
    this.#remoteWhole = hash;
    await this.#compare();
  }

  /** From now on ranges are proven one by one: what has come is read again for it. */
  async proveByRange(): Promise<void> {
    const { sink } = this.#options;
    const came = this.#position;
    this.#proof = 'ranges';
    this.#position = 0;
    this.#whole = createHash('sha256');
    this.#range = createHash('sha256');
    await sink.recall?.(came, (chunk) => this.recall(chunk));
    if (this.#position < came) await sink.rewind(this.#position);
  }

  /** Goes back to the end of the last verified range; false when the sink cannot. */
  async rewind(): Promise<boolean> {
    const { sink, rangeBytes, sizeBytes } = this.#options;
    const boundary = Math.min(this.#verified * rangeBytes, sizeBytes);
    if (boundary === this.#position) return true;
    if (!sink.canRewind) return false;
    await sink.rewind(boundary);
    this.#position = boundary;
    this.#local.length = this.#verified;
    this.#remote.clear();
    this.#range = createHash('sha256');
    this.#whole = this.#wholeAt.get(this.#verified)?.copy() ?? createHash('sha256');
    return true;
  }

  /** SHA-256 of everything taken. */
  digest(): string {
    return this.#whole.copy().digest('hex');
  }

  #hash(chunk: Buffer): void {
    const { rangeBytes, sizeBytes } = this.#options;
    let from = 0;
    while (from < chunk.length) {
      const end = Math.min((Math.floor(this.#position / rangeBytes) + 1) * rangeBytes, sizeBytes);
      const part = chunk.subarray(from, from + end - this.#position);
      if (this.#proof !== 'whole') this.#range.update(part);
      this.#whole.update(part);
      this.#position += part.length;
      from += part.length;
      if (this.#position < end) return;
      if (this.#proof === 'whole') continue;
      this.#local.push(this.#range.digest('hex'));
      this.#range = createHash('sha256');
      this.#wholeAt.set(this.#local.length, this.#whole.copy());
    }
  }

  async #compare(): Promise<void> {
    if (this.#proof === 'whole') {
      if (this.isComplete && this.#remoteWhole !== this.digest()) throw new WholeMismatch();
      return;
    }
    const before = this.#verified;
    while (this.#verified < this.#local.length) {
      const local = this.#local[this.#verified];
      const remote = this.#proof === 'ranges' ? this.#remote.get(this.#verified) : local;
      if (remote === undefined) break;
      if (remote !== local) throw new RangeMismatch(this.#verified * this.#options.rangeBytes);
      this.#wholeAt.delete(this.#verified);
      this.#remote.delete(this.#verified);
      this.#verified += 1;
    }
    if (this.#verified > before) {
      await this.#options.onVerified(this.#local.slice(0, this.#verified));
    }
  }
}

/** A range that arrived differs from what the container has. */
export class RangeMismatch extends Error {
  override readonly name = 'RangeMismatch';

  constructor(offset: number) {
    super(`the bytes from ${offset} on do not have the SHA-256 that the container computed`);
  }
}

/** All has arrived, and somewhere in it something differs from what the container has. */
export class WholeMismatch extends Error {
  override readonly name = 'WholeMismatch';

  constructor() {
    super('what arrived does not have the SHA-256 that the container computed');
  }
}
