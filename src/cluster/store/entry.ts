import type { KubeObject } from '../api.ts';

/** One revision of one object: frozen, with its JSON made at most once and shared by every reader. */
export class Entry<T extends KubeObject = KubeObject> {
  readonly key: string;
  readonly object: T;
  readonly revision: number;
  #text: JsonText | undefined;
  #isRetired = false;

  constructor(key: string, object: T, revision: number) {
    this.key = key;
    this.object = object;
    this.revision = revision;
  }

  /** UTF-8 JSON of the object as a single GET answers it. */
  get json(): Buffer {
    return this.#made().bytes;
  }

  /** The part of `json` that is `metadata`: all that Tables and PartialObjectMetadata show of an object. */
  get metadataJson(): Buffer {
    const { bytes, metadataStart, metadataEnd } = this.#made();
    return bytes.subarray(metadataStart, metadataEnd);
  }

  /** True when the JSON need not be made (again): it is there, or a newer revision is read instead. */
  get isSettled(): boolean {
    return this.#isRetired || this.#text !== undefined;
  }

  /** A newer revision takes its place: the JSON goes, and is made anew for the few who ask for the past. */
  retire(): void {
    this.#isRetired = true;
    this.#text = undefined;
  }

  #made(): JsonText {
    const text = this.#text ?? jsonText(this.object);
    if (!this.#isRetired) this.#text = text;
    return text;
  }
}

/** `ns/name`, or `name` for cluster-scoped kinds: sorts as etcd's keys do. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

interface JsonText {
  readonly bytes: Buffer;
  /** Where the value of `metadata` stands in the bytes. */
  readonly metadataStart: number;
  readonly metadataEnd: number;
}

/** Objects begin with kind, apiVersion and metadata, in upstream's order; whatever is there follows. */
function jsonText(object: KubeObject): JsonText {
  const { kind, apiVersion, metadata, ...rest } = object;
  const head = JSON.stringify({ kind, apiVersion });
  const start = `${head.slice(0, -1)}${head === '{}' ? '' : ','}"metadata":`;
  const meta = JSON.stringify(metadata ?? {});
  const tail = JSON.stringify(rest);
  const bytes = ownBytes(`${start}${meta}${tail === '{}' ? '}' : `,${tail.slice(1)}`}`);
  const metadataStart = Buffer.byteLength(start);
  return { bytes, metadataStart, metadataEnd: metadataStart + Buffer.byteLength(meta) };
}

/** In memory of its own: `Buffer.from` cuts small ones from slabs, and one that stays holds its slab whole. */
function ownBytes(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafeSlow(size);
  bytes.write(text, size === text.length ? 'latin1' : 'utf8');
  return bytes;
}
