import { Agent, request } from 'node:https';
import process from 'node:process';

// Many watchers in a process of its own. An event's time is what passed since the writer put down the
// clock in an annotation of the object: both processes read the same one.
interface Order {
  readonly port: number;
  readonly ca: string;
  readonly path: string;
  readonly watchers: number;
}

const MARK = Buffer.from('"written-at":"');
const delays: number[] = [];
let events = 0;

// One for all, so that TLS sessions are resumed: a thousand handshakes are not what is measured.
let agent: Agent | undefined;

async function watch({ port, ca, path }: Order): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = { authorization: 'Bearer bench' };
  agent ??= new Agent({ ca, maxCachedSessions: 10 });
  request({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
    resolve();
    response.on('data', note);
  })
    .once('error', reject)
    .end();
  await promise;
}

/** Counts by the mark: no event is taken apart, that would be the client's time. A mark cut by a chunk's end is missed. */
function note(chunk: Buffer): void {
  const now = Date.now();
  for (let at = chunk.indexOf(MARK); at >= 0; at = chunk.indexOf(MARK, at + 1)) {
    const from = at + MARK.length;
    const written = Number(chunk.toString('latin1', from, from + 13));
    events += 1;
    if (written > 0 && events % 16 === 0) delays.push(now - written);
  }
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
}

process.on('message', (order: Order | 'report') => {
  if (order === 'report') report();
  else void watchAll(order);
});
process.on('disconnect', () => process.exit());
