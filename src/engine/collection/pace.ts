import { codecOf, commandOf, type Codec, type Compress, type Compressor } from './codec.ts';

/** What the container can compress with, and how many of its processors may be used for it. */
export interface Means {
  /** The best first; empty where there is none. */
  readonly compressors: readonly Compressor[];
  readonly threads: number;
  /** Processors that the container's limit allows. */
  readonly processors: number;
}

/** How the next part of a file is to travel. */
interface Choice {
  readonly codec: Codec;
  /** Absent for `none`. */
  readonly command?: string;
  /** Less than one where a part of a range is enough to learn from. */
  readonly ranges: number;
}

interface Sample {
  readonly codec: Codec;
  readonly rawBytes: number;
  readonly wireBytes: number;
  readonly ms: number;
}

interface Rate {
  /** Of the file itself, bytes a millisecond. */
  raw: number;
  wire: number;
  samples: number;
  rangesSince: number;
}

/** gzip -1 makes 60 to 90 MB/s a processor: on anything faster than this it would be what one waits for. */
const gzipPaysBelow = 25_000;
/** On a slower link a part sent without compression costs more than can be learnt from it. */
const plainIsCheapAbove = 10_000;
/** 4 MiB: two threads of zstd have something to do each, and a slow one is found out in a tenth of a second. */
const sampleOfRange = 1 / 4;
/** Where a whole range would take half a second and more, less will do. */
const sampledInLessBelow = 30_000;
const smallSampleOfRange = 1 / 8;
/** After so many, a file travels as it is. */
const mostFailures = 2;
const rangesPerRequest = 4;
const rangesUntilTriedAgain = 64;

/**
 * Chooses by measuring: each codec that may be the better one carries a range or two, and whichever
 * brought the file's own bytes home faster carries the rest. Rates change with the link, so the loser
 * is tried again now and then, if it was not far behind.
 */
export class Pace {
  readonly #mode: Compress;
  readonly #means: Means;
  readonly #rates = new Map<Codec, Rate>();
  readonly #rawBytes = new Map<Codec, number>();
  readonly #failures = new Map<Codec, number>();

  constructor(mode: Compress, means: Means) {
    this.#mode = mode;
    this.#means = means;
  }

  /** What most of the file has travelled as. */
  get mainCodec(): Codec {
    const [first] = [...this.#rawBytes].toSorted(([, a], [, b]) => b - a);
    return first?.[0] ?? 'none';
  }

  /** How `rangesLeft` ranges should begin to travel. */
  choose(rangesLeft: number): Choice {
    const wished = this.#mode === 'auto' ? this.#best(rangesLeft) : this.#mode;
    const codec = (this.#failures.get(wished) ?? 0) < mostFailures ? wished : 'none';
    const rate = this.#rates.get(codec);
    const isSettled = rate !== undefined && rate.samples > 1 && rate.rangesSince === 0;
    const isAlone = isSettled || this.#mode !== 'auto';
    const ranges = Math.min(rangesLeft, isAlone ? rangesPerRequest : this.#sample(codec));
    for (const [each, known] of this.#rates) {
      known.rangesSince = each === codec ? 0 : known.rangesSince + ranges;
    }
    const compressor = this.#means.compressors.find((each) => codecOf(each) === codec);
    if (!compressor) return { codec: 'none', ranges };
    return { codec, command: commandOf(compressor, this.#means.threads), ranges };
  }

  /** What a part of the file took on its way. */
  measured({ codec, rawBytes, wireBytes, ms }: Sample): void {
    this.#rawBytes.set(codec, (this.#rawBytes.get(codec) ?? 0) + rawBytes);
    const took = Math.max(ms, 1);
    const [raw, wire] = [rawBytes / took, wireBytes / took];
    const before = this.#rates.get(codec);
    if (!before) {
      this.#rates.set(codec, { raw, wire, samples: 1, rangesSince: 0 });
      return;
    }
    before.raw = (before.raw + raw) / 2;
    before.wire = (before.wire + wire) / 2;
    before.samples += 1;
  }

  /** What a codec brought was not what it should be: a tool that dies there, or is another's. */
  failed(codec: Codec): void {
    this.#failures.set(codec, (this.#failures.get(codec) ?? 0) + 1);
  }

  /** What is asked for to learn how fast a codec is: of one whose rival is known and slow, little. */
  #sample(codec: Codec): number {
    const known = this.#rates.get(codec);
    if (known && known.samples > 1) return 1;
    const [rival] = [...this.#rates].filter(([each]) => each !== codec);
    return rival && rival[1].wire < sampledInLessBelow ? smallSampleOfRange : sampleOfRange;
  }

  #best(rangesLeft: number): Codec {
    const [compressor] = this.#means.compressors;
    if (!compressor) return 'none';
    const packed = codecOf(compressor);
    // zstd is faster than nearly every link; where the container hardly has a processor, it is not.
    const first = packed === 'zstd' && this.#means.processors >= 1 ? packed : 'none';
    const second = first === 'none' ? packed : 'none';
    const known = this.#rates.get(first);
    if (!known || known.samples < 2) return first;
    const other = this.#rates.get(second);
    if (!other) return rangesLeft > 1 && mayPay(second, known) ? second : first;
    const [best, loser]: readonly [Codec, Codec] =
      other.raw > known.raw ? [second, first] : [first, second];
    const [ahead, behind] = other.raw > known.raw ? [other, known] : [known, other];
    const isDue = behind.rangesSince >= rangesUntilTriedAgain && behind.raw * 2 > ahead.raw;
    return isDue ? loser : best;
  }
}

function mayPay(codec: Codec, { raw, wire }: Rate): boolean {
  if (codec === 'none') return wire > plainIsCheapAbove;
  return codec === 'zstd' || raw < gzipPaysBelow;
}
