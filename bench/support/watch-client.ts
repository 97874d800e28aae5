import process from 'node:process';
import { connect, type TLSSocket } from 'node:tls';

// Many watchers in a process of its own, on bare sockets: what a client makes of an event is not
// what is measured. An event's time is what passed since the writer put down the clock in an
// annotation; both processes read the same one. Of a piece that brings several events, the first
// is timed: it has waited longest.
interface Order {
  readonly port: number;
  readonly ca: string;
  readonly path: string;
  readonly watchers: number;
}

const MARK = Buffer.from('"written-at":"');
const NEWLINE = 0x0a;
const CLOSING_BRACE = 0x7d;
let delays: number[] = [];
let events = 0;
let sockets: TLSSocket[] = [];

async function watch({ port, ca, path }: Order): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' });
  sockets.push(socket);
  socket.once('error', reject);
  socket.once('data', () => resolve());
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer bench\r\n\r\n`);
  let last = 0;
  socket.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1))
      if ((at > 0 ? chunk[at - 1] : last) === CLOSING_BRACE) events += 1;
    last = chunk[chunk.length - 1] ?? 0;
    time(chunk);
  });
  await promise;
}

function time(chunk: Buffer): void {
  const mark = chunk.indexOf(MARK);
  if (mark < 0) return;
  const from = mark + MARK.length;
  const written = Number(chunk.toString('latin1', from, from + 13));
  if (written > 1e12) delays.push(Date.now() - written);
}

async function watchAll(order: Order): Promise<void> {
  for (let n = 0; n < order.watchers; n += 20) {
    const some = { length: Math.min(20, order.watchers - n) };
    await Promise.all(Array.from(some, () => watch(order)));
  }
  process.send?.('watching');
}

function report(): void {
  delays.sort((a, b) => a - b);
  const at = (part: number) => delays[Math.floor(delays.length * part)] ?? 0;
  process.send?.({ events, p50: at(0.5), p99: at(0.99) });
  for (const socket of sockets) socket.destroy();
  [events, delays, sockets] = [0, [], []];
}

process.on('message', (order: Order | 'report') => {
  if (order === 'report') report();
  else void watchAll(order);
});
process.on('disconnect', () => process.exit());
