/** Read buffers that are used again: the kernel's bytes need no new memory on their way through. */
export interface ReadBuffers {
  take(sizeBytes: number): Buffer;
  give(buffer: Buffer): void;
}

/** Most connections carry little: they start small, and only one that fills its buffer gets a large one. */
export const SMALL_BUFFER_BYTES = 16 * 1024;
export const LARGE_BUFFER_BYTES = 64 * 1024;

export function createReadBuffers(): ReadBuffers {
  const spare = new Map<number, Buffer[]>([
    [SMALL_BUFFER_BYTES, []],
    [LARGE_BUFFER_BYTES, []],
  ]);
  return {
    // Slow: not from Node's own pool, whose slices would be kept as long as the connection.
    take: (sizeBytes) => spare.get(sizeBytes)?.pop() ?? Buffer.allocUnsafeSlow(sizeBytes),
    give(buffer) {
      const buffers = spare.get(buffer.length);
      if (buffers && buffers.length < MAX_SPARE) buffers.push(buffer);
    },
  };
}

const MAX_SPARE = 256;
