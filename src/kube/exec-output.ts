import type { Writable } from 'node:stream';
import type { ByteTaker, ExecOptions } from './types.ts';
import type { ChannelSocket } from './websocket/channel-socket.ts';

interface Outputs {
  write(name: 'stdout' | 'stderr', payload: Buffer): void;
  /** When everything written so far has been taken. */
  settled(): Promise<void>;
  isPaused(): boolean;
}

/**
 * Hands what comes to the caller's streams. A stream that is full pauses the socket until it drains, so
 * that memory stays constant however slow the sink is (one socket carries both streams).
 */
export function outputs(
  socket: ChannelSocket,
  streams: Pick<ExecOptions, 'stdout' | 'stderr'>,
  fail: (error: unknown) => void,
): Outputs {
  let pending = 0;
  const full = new Set<Writable | ByteTaker>();
  let waiting: (() => void)[] = [];

  function done(error?: Error | null): void {
    if (error) fail(error);
    pending -= 1;
    if (pending > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  function hold(stream: Writable | ByteTaker): void {
    full.add(stream);
    socket.pause();
  }

  function release(stream: Writable | ByteTaker): void {
    full.delete(stream);
    if (full.size === 0) socket.resume();
  }

  function writeTo(stream: Writable, payload: Buffer): void {
    pending += 1;
    // A copy: the payload's memory is used again.
    if (stream.write(Buffer.from(payload), done) || full.has(stream)) return;
    hold(stream);
    stream.once('drain', () => release(stream));
  }

  function giveTo(taker: ByteTaker, payload: Buffer): void {
    try {
      const taken = taker.take(payload);
      if (taken) void holdUntil(taken, taker);
    } catch (error) {
      fail(error);
    }
  }

  async function holdUntil(taken: Promise<void>, taker: ByteTaker): Promise<void> {
    pending += 1;
    hold(taker);
    try {
      await taken;
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
    release(taker);
  }

  return {
    write(name, payload) {
      const stream = streams[name];
      if (!stream || payload.length === 0) return;
      if ('write' in stream) writeTo(stream, payload);
      else giveTo(stream, payload);
    },
    async settled() {
      if (pending === 0) return;
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    isPaused: () => full.size > 0,
  };
}
