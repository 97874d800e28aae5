/**
 * Reads what it can of `data`, of which the first byte has this offset in the content, and answers how
 * far it came: less than all where a record is cut off, more where it need not see what comes next.
 */
type Read = (data: Buffer, offset: number) => number;

export interface Seam {
  /** The chunk's memory is the caller's again when it returns. */
  write(chunk: Buffer): void;
  /** Of all that was written. */
  readonly sizeBytes: () => number;
  /** Whether the last record that was read ends where the last chunk does. */
  readonly isClosed: () => boolean;
}

/** Longer than most of a record that must be seen. */
const firstStitchBytes = 64;

/** Has records read where their chunks lie; of one that is cut in two the pieces are put together. */
export function createSeam(read: Read): Seam {
  /** Offset of the next byte to read: before the end of what was written, or beyond it. */
  let position = 0;
  let written = 0;
  /** From `position` on what was written, where that lies before its end. */
  let rest = Buffer.allocUnsafeSlow(1024);

  function room(bytes: number): Buffer {
    if (bytes <= rest.length) return rest;
    const larger = Buffer.allocUnsafeSlow(2 * bytes);
    rest.copy(larger);
    return (rest = larger);
  }

  /** Reads on from the rest into the chunk that begins at `start`, with no more of it than it takes. */
  function stitch(chunk: Buffer, start: number): void {
    let end = start;
    let more = firstStitchBytes;
    while (position < start && end < written) {
      const from = end - start;
      const had = end - position;
      const bytes = had + chunk.copy(room(had + more), had, from, from + more);
      end = position + bytes;
      const done = read(rest.subarray(0, bytes), position);
      position += done;
      if (position < start) rest.copyWithin(0, done, bytes);
      more = end - position;
    }
  }

  return {
    write(chunk) {
      const start = written;
      written += chunk.length;
      if (position < start) stitch(chunk, start);
      if (position < start || position >= written) return;
      position += read(chunk.subarray(position - start), position);
      if (position < written) chunk.copy(room(written - position), 0, position - start);
    },
    sizeBytes: () => written,
    isClosed: () => position === written,
  };
}
