import { once } from 'node:events';
import { connect, createServer } from 'node:net';

// `bulk.ts source HOST BYTES` sends so many bytes to whoever connects; `bulk.ts sink HOST` reads until
// the end and prints MB/s. Both with one large buffer, so that the balancer is what limits.
const [role, host = '', bytes = '0'] = process.argv.slice(2);
const buffer = Buffer.alloc(1024 * 1024, 1);

if (role === 'source') {
  createServer({ noDelay: true }, (socket) => {
    let left = Number(bytes);
    socket.on('error', () => {});
    const send = () => {
      while (left > 0) {
        left -= buffer.length;
        if (!socket.write(buffer)) return;
      }
      socket.end();
    };
    socket.on('drain', send);
    send();
  }).listen({ host, port: 8081 });
} else {
  let received = 0;
  const start = performance.now();
  const socket = connect({
    host,
    port: 8081,
    onread: {
      buffer,
      callback: (size) => {
        received += size;
        return true;
      },
    },
  });
  socket.resume();
  await once(socket, 'end');
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(`${received / 1e6 / seconds}\n`);
  socket.destroy();
}
