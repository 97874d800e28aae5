import type { Readable } from 'node:stream';
import type { ChannelSocket } from './websocket/channel-socket.ts';

/** One frame on channel 0 may not be larger than what a kubelet takes at once. */
const frameBytes = 32 * 1024;

/**
 * Sends `stdin` on channel 0, one frame at a time, and half-closes when it ends. Returns what stops it.
 */
export function feedStdin(
  socket: ChannelSocket,
  stdin: Readable | undefined,
  fail: (error: unknown) => void,
): () => void {
  if (!stdin) return () => {};
  const onData = (chunk: Buffer | string) => {
    const bytes = Buffer.from(chunk);
    stdin.pause();
    let left = Math.ceil(bytes.length / frameBytes);
    for (let start = 0; start < bytes.length; start += frameBytes) {
      const frame = Buffer.concat([Buffer.of(0), bytes.subarray(start, start + frameBytes)]);
      send(socket, frame, () => {
        left -= 1;
        if (left === 0) stdin.resume();
      });
    }
    if (left === 0) stdin.resume();
  };
  const onEnd = () => {
    // v4 has no way to say that stdin ended (k/k#89899).
    if (socket.protocol === 'v5.channel.k8s.io') send(socket, Buffer.of(255, 0), () => {});
  };
  stdin.on('data', onData).on('end', onEnd).on('error', fail);
  return () => {
    stdin.off('data', onData).off('end', onEnd).off('error', fail).pause();
  };
}

function send(socket: ChannelSocket, frame: Buffer, sent: () => void): void {
  // A failed send shows as the socket's close.
  socket.send(frame, (error) => {
    if (!error) sent();
  });
}
