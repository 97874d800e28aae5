import type { Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ExecOptions } from './types.ts';

interface Outputs {
  write(name: 'stdout' | 'stderr', payload: Buffer): void;
  /** When everything written so far has been taken. */
  settled(): Promise<void>;
  isPaused(): boolean;
}

/**
 * Hands frames to the caller's streams. A stream that is full pauses the socket until it drains, so
 * that memory stays constant however slow the sink is (one socket carries both streams).
 */
export function outputs(
  socket: WebSocket,
  streams: Pick<ExecOptions, 'stdout' | 'stderr'>,
  fail: (error: unknown) => void,
): Outputs {
  let pending = 0;
  const full = new Set<Writable>();
  let waiting: (() => void)[] = [];

  function done(error?: Error | null): void {
    if (error) fail(error);
    pending -= 1;
    if (pending > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  function holdUntilDrained(stream: Writable): void {
    full.add(stream);
    socket.pause();
    stream.once('drain', () => {
      full.delete(stream);
      if (full.size === 0) socket.resume();
    });
  }

  return {
    write(name, payload) {
      const stream = streams[name];
      if (!stream) return;
      pending += 1;
      if (!stream.write(payload, done) && !full.has(stream)) holdUntilDrained(stream);
    },
    async settled() {
      if (pending === 0) return;
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    isPaused: () => full.size > 0,
  };
}
