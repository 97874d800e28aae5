import { createServer } from 'node:net';

// Three Pods that answer any request with the same bytes: what stands behind the balancer where
// there is no haproxy to do it.
const body = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n';
const kept = Buffer.from(`${body}\r\nok`);
const closed = Buffer.from(`${body}connection: close\r\n\r\nok`);
for (const host of process.argv.slice(2)) {
  createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (request) => {
      if (request.includes('onnection: close')) socket.end(closed);
      else socket.write(kept);
    });
  }).listen({ host, port: 8080 });
}
