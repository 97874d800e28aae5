import type { Writable } from 'node:stream';
import type { Sink } from './receiver.ts';

/** Bytes straight to a stream such as stdout, shown to `look` on their way; they cannot be taken back. */
export function streamSink(stream: Writable, look: (chunk: Buffer) => void | Promise<void>): Sink {
  return {
    canRewind: false,
    async write(chunk) {
      await look(chunk);
      await written(stream, chunk);
    },
    async rewind() {
      await Promise.reject(new Error('bytes sent to a stream cannot be taken back'));
    },
  };
}

/** Not before the stream is done with the chunk, whose memory is used again. */
async function written(stream: Writable, chunk: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.write(chunk, (error) => {
      stream.off('error', reject);
      if (error) reject(error);
      else resolve();
    });
  });
}
