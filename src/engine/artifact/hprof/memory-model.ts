import { objectType, valueBytes } from './values.ts';

/** How a JVM lays objects out; bytes. */
export interface MemoryModel {
  /** Of an instance, before its first field. */
  readonly headerBytes: number;
  /** Of an array of primitives, its length included. */
  readonly arrayBaseBytes: number;
  readonly objectArrayBaseBytes: number;
  readonly referenceBytes: number;
  /** Every object begins at a multiple of it. */
  readonly alignment: number;
}

export function align(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** JDK 8–25 on 64 bits with compressed pointers: what nearly every heap below 32 GB is. */
const usual: MemoryModel = {
  headerBytes: 12,
  arrayBaseBytes: 16,
  objectArrayBaseBytes: 16,
  referenceBytes: 4,
  alignment: 8,
};

// Full class pointers 24, since JDK 23 20 (JDK-8139457); compact headers 12 (JEP 450, JEP 519).
const primitiveBases = [16, 24, 20, 12] as const;
type ArrayShape = readonly [baseBytes: number, referenceBytes: number];

const objectArrays: readonly [ArrayShape, ...ArrayShape[]] = [
  [16, 4],
  [24, 8],
  [16, 8],
  [20, 4],
  [24, 4],
  [12, 4],
];

const mostSamples = 16_384;

export interface MemoryEvidence {
  /** So many objects have been seen, whose addresses have these bits of the lower 32 among them. */
  addresses(count: number, anyBit: number): void;
  /** The next object in the file lies before the one that it follows. */
  backwards(): void;
  /** Whether the file goes through memory in order (all but ZGC's and Shenandoah's do). */
  isInOrder(): boolean;
  /** From the beginning of an array to that of the next object in the file. */
  arrayDistance(type: number, length: number, distanceBytes: number): void;
  derive(idSize: number): MemoryModel;
}

/**
 * A heap dump does not say how large objects were: fields are written at full width, headers not at
 * all. Their addresses do: the dump goes through memory in order, so that the next object mostly
 * begins where the last one ends.
 */
export function createMemoryEvidence(): MemoryEvidence {
  const types = new Uint8Array(mostSamples);
  const lengths = new Uint32Array(mostSamples);
  const distances = new Float64Array(mostSamples);
  let samples = 0;
  let addresses = 0;
  let backwards = 0;
  let anyBit = 0;

  function votes(isObject: boolean, sizeOf: (type: number, length: number) => number): number {
    let count = 0;
    for (let at = 0; at < samples; at += 1) {
      const type = types[at] ?? 0;
      if ((type === objectType) !== isObject) continue;
      if (distances[at] === sizeOf(type, lengths[at] ?? 0)) count += 1;
    }
    return count;
  }

  return {
    addresses(more, itsBits) {
      addresses += more;
      anyBit |= itsBits;
    },
    backwards() {
      backwards += 1;
    },
    isInOrder: () => backwards * 10 < addresses,
    arrayDistance(type, length, distanceBytes) {
      if (samples === mostSamples) return;
      types[samples] = type;
      lengths[samples] = length;
      distances[samples] = distanceBytes;
      samples += 1;
    },
    derive(idSize) {
      if (idSize === 4) {
        return {
          headerBytes: 8,
          arrayBaseBytes: 12,
          objectArrayBaseBytes: 12,
          referenceBytes: 4,
          alignment: 8,
        };
      }
      const alignment = addresses < 100 ? 8 : Math.min(256, Math.max(8, anyBit & -anyBit));
      const arrayBaseBytes = mostVoted(primitiveBases, (base) =>
        votes(false, (type, length) => align(base + (valueBytes[type] ?? 0) * length, alignment)),
      );
      const [objectArrayBaseBytes, referenceBytes] = mostVoted(objectArrays, ([base, size]) =>
        votes(true, (_, length) => align(base + size * length, alignment)),
      );
      const headerBytes = arrayBaseBytes === 12 ? 8 : arrayBaseBytes === 16 ? 12 : 16;
      return {
        ...usual,
        headerBytes,
        arrayBaseBytes,
        objectArrayBaseBytes,
        referenceBytes,
        alignment,
      };
    },
  };
}

/** The first of the candidates that none beats. */
function mostVoted<Candidate>(
  candidates: readonly [Candidate, ...Candidate[]],
  votes: (candidate: Candidate) => number,
): Candidate {
  let [best] = candidates;
  let most = votes(best);
  for (const candidate of candidates.slice(1)) {
    const count = votes(candidate);
    if (count > most) [best, most] = [candidate, count];
  }
  return best;
}
