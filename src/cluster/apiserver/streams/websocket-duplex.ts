import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** The binary messages of a WebSocket as one byte stream: kubectl's tunnel for SPDY. */
export function messageDuplex(socket: WebSocket): Duplex {
  const duplex = new Duplex({
    allowHalfOpen: false,
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => socket.send(chunk, (error) => done(error)),
    final: (done) => {
      socket.close(1000);
      done();
    },
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  socket.on('message', (data: Buffer) => {
    if (!duplex.push(data)) socket.pause();
  });
  socket.once('close', () => {
    duplex.push(null);
    duplex.destroy();
  });
  socket.on('error', () => duplex.destroy());
  return duplex;
}
