import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Sink } from './receiver.ts';

/** Bytes straight to a stream such as stdout, shown to `look` on their way; they cannot be taken back. */
export function streamSink(stream: Writable, look: (chunk: Buffer) => Promise<void>): Sink {
  return {
    canRewind: false,
    async write(chunk) {
      await look(chunk);
      // A copy: the chunk's memory is used again once this resolves, the stream may hold it longer.
      if (!stream.write(Buffer.from(chunk))) await once(stream, 'drain');
    },
    async rewind() {
      await Promise.reject(new Error('bytes sent to a stream cannot be taken back'));
    },
  };
}
