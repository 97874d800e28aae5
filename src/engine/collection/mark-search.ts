/**
 * Finds a mark in bytes that come in chunks, however these are cut. `next` gives what lies before the
 * mark, and the rest behind it once it has been seen.
 */
export class MarkSearch {
  readonly #mark: Buffer;
  /** The mark's beginning, perhaps, at the end of what came. */
  #held: Buffer = Buffer.alloc(0);

  constructor(mark: Buffer) {
    this.#mark = mark;
  }

  next(chunk: Buffer): { readonly before: Buffer; readonly behind?: Buffer } {
    const bytes = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk;
    const at = bytes.indexOf(this.#mark);
    if (at >= 0) {
      this.#held = Buffer.alloc(0);
      return { before: bytes.subarray(0, at), behind: bytes.subarray(at + this.#mark.length) };
    }
    const held = this.#beginningAtEnd(bytes);
    // A copy: the chunk's memory may be used again before more comes.
    this.#held = Buffer.from(bytes.subarray(bytes.length - held));
    return { before: bytes.subarray(0, bytes.length - held) };
  }

  #beginningAtEnd(bytes: Buffer): number {
    const [first = 0] = this.#mark;
    let at = bytes.indexOf(first, Math.max(0, bytes.length - this.#mark.length + 1));
    while (at >= 0) {
      const length = bytes.length - at;
      if (this.#mark.subarray(0, length).equals(bytes.subarray(at))) return length;
      at = bytes.indexOf(first, at + 1);
    }
    return 0;
  }
}
