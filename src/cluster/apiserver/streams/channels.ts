import type { Duplex, Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { isBase64, toText } from './channel-protocols.ts';
import { FramePool } from './frame-pool.ts';
import { keepKnocking } from './knock.ts';

/** The first byte of each message. */
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** More than this waiting for the client, and nothing more is read for it. */
const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = 256 * 1024;

/** Sends one message on a channel; resolves when it has left for the kernel, or the socket is gone. */
export function send(socket: WebSocket, channel: number, data: Uint8Array | string): Promise<void> {
  const payload = Buffer.from(data as Uint8Array);
  const { promise, resolve } = Promise.withResolvers<void>();
  if (isBase64(socket.protocol)) {
    socket.send(toText(channel, payload), () => resolve());
    return promise;
  }
  const message = Buffer.allocUnsafe(payload.length + 1);
  message[0] = channel;
  payload.copy(message, 1);
  socket.send(message, () => resolve());
  return promise;
}

export interface ChannelTarget {
  readonly socket: WebSocket;
  /** The connection below it. */
  readonly below: Duplex;
  readonly channel: number;
}

/**
 * Copies a stream to a channel, no faster than the client reads: while a megabyte waits in the
 * socket the source is paused. Resolves when the source has ended and all of it is on its way.
 */
export function pipeToChannel(
  source: Readable,
  { socket, below, channel }: ChannelTarget,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const frames = new FramePool(channel);
  let last: Promise<void> = Promise.resolve();
  source.on('data', (chunk: Buffer) => {
    if (socket.readyState !== socket.OPEN) return;
    const written = Promise.withResolvers<void>();
    const sent = () => {
      if (socket.bufferedAmount < LOW_WATER_BYTES) source.resume();
      written.resolve();
    };
    last = written.promise;
    if (isBase64(socket.protocol)) {
      void send(socket, channel, chunk).then(sent);
      if (socket.bufferedAmount > HIGH_WATER_BYTES) source.pause();
      return;
    }
    const frame = frames.fill(chunk);
    below.write(frame, () => {
      frames.giveBack(frame);
      sent();
    });
    if (socket.bufferedAmount > HIGH_WATER_BYTES) source.pause();
  });
  source.on('error', () => {});
  source.once('close', () => resolve(last));
  return promise;
}

/**
 * Hands a message to the process; while it takes no more, the socket is not read, and nothing but empty
 * messages on the channel `back` (pings without one) tells whether the client is still there.
 */
export function writeFromChannel(
  target: Writable,
  data: Buffer,
  { socket, back }: { readonly socket: WebSocket; readonly back: number | undefined },
): void {
  if (target.destroyed || target.writableEnded) return;
  target.write(data);
  if (target.writableLength < HIGH_WATER_BYTES || socket.isPaused) return;
  socket.pause();
  // A pong would wait behind the input, and its client with it: only for who reads no channel.
  const stop = keepKnocking(() =>
    back === undefined ? socket.ping() : void send(socket, back, ''),
  );
  const resume = () => {
    stop();
    socket.resume();
    target.off('drain', resume).off('close', resume);
    socket.off('close', resume);
  };
  target.once('drain', resume).once('close', resume);
  socket.once('close', resume);
}
