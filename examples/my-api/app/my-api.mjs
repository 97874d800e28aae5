// The sample app of the note in Node (18 or newer, no packages): a small shop API that keeps its
// orders in memory. It answers as MyApi.java does and reads the same environment.
import { once } from 'node:events';
import { createServer } from 'node:http';

const pod = process.env.POD_NAME || 'my-api';
const port = Number(process.env.PORT || 8080);
const heapBytes = Number(process.env.MY_API_HEAP_MB || 200) * 1024 * 1024;
const lingerMs = Number(process.env.MY_API_LINGER_SECONDS || 4) * 1000;

const shop = { customers: new Map(), orders: new Map(), byCity: new Map(), recentChanges: [] };
let ready = false;
let stopping = false;

const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  const [status, type, body] = answer(new URL(request.url ?? '/', 'http://my-api').pathname);
  request.resume();
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'X-Pod': pod,
    ...(stopping ? { Connection: 'close' } : {}),
  });
  response.end(body);
});

function answer(path) {
  switch (path) {
    case '/': {
      const uptimeSeconds = Math.floor(process.uptime());
      const home = { pod, runtime: 'node', orders: shop.orders.size, uptimeSeconds };
      return [200, 'application/json', `${JSON.stringify(home)}\n`];
    }
    case '/ready':
      if (stopping) return [503, 'text/plain', 'stopping\n'];
      return ready ? [200, 'text/plain', 'ready\n'] : [503, 'text/plain', 'loading\n'];
    case '/healthz':
      return [200, 'text/plain', 'ok\n'];
    default:
      return [404, 'text/plain', 'not found\n'];
  }
}

// As PID 1 of a container a process gets no default handler: without this one, SIGTERM would do
// nothing and the Pod would die by SIGKILL at the end of its grace period.
// Unready at once, but still serving: whoever routes here needs a moment to notice, and
// connections already open are used until their owners renew them.
process.once('SIGTERM', () => {
  stopping = true;
  log(`SIGTERM: unready, serving ${lingerMs} ms more`);
  setTimeout(() => {
    server.close(() => {
      log('stopped');
      process.exit(0);
    });
    server.closeIdleConnections();
  }, lingerMs);
});

// Where Pods share the machine's addresses (127.x) each has to keep to its own; elsewhere all are
// listened on, as port-forward (to 127.0.0.1 in the Pod) expects.
const { POD_IP = '' } = process.env;
server.listen({ port, host: POD_IP.startsWith('127.') ? POD_IP : undefined, backlog: 511 });
await once(server, 'listening');
log(`listening on port ${port}`);
await fill();
ready = true;
log(`ready with ${shop.orders.size} orders of ${shop.customers.size} customers`);

/** Adds orders until about `heapBytes` are held, in slices, so that probes are answered meanwhile. */
async function fill() {
  const cities = ['Seoul', 'Busan', 'Incheon', 'Daegu', 'Daejeon', 'Gwangju', 'Suwon', 'Jeju'];
  const products = ['espresso machine', 'desk lamp', 'running shoes', 'headphones', 'teapot'];
  const random = seededRandom(20250226);
  const pick = (list) => list[random() % list.length];
  let held = 0;
  for (let number = 1; held < heapBytes; number++) {
    if (number % 4 === 1) {
      const id = shop.customers.size + 1;
      const city = pick(cities);
      const customer = {
        id,
        name: `Customer ${id}`,
        email: `customer${id}@example.com`,
        city,
        orders: [],
      };
      shop.customers.set(id, customer);
      shop.byCity.set(city, [...(shop.byCity.get(city) ?? []).slice(-99), customer]);
      held += 400;
    }
    const customer = shop.customers.get(1 + (random() % shop.customers.size));
    const lines = Array.from({ length: 1 + (random() % 4) }, () => ({
      product: pick(products),
      quantity: 1 + (random() % 3),
      cents: 1000 + (random() % 99_000),
    }));
    const order = { id: `ORD-${1_000_000 + number}`, customer, lines, receipt: '' };
    order.receipt = receipt(order);
    shop.orders.set(order.id, order);
    customer.orders.push(order);
    shop.recentChanges.push(`${order.id} placed by customer ${customer.id}`);
    if (shop.recentChanges.length > 10_000) shop.recentChanges.shift();
    held += 480 + 40 * lines.length + order.receipt.length;
    if (number % 5000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Text of some kilobytes that V8 holds as one flat string (concatenation alone would keep a tree). */
function receipt(order) {
  const line = JSON.stringify({ id: order.id, customer: order.customer.id, lines: order.lines });
  return Buffer.from(`${line}\n`.repeat(40)).toString('latin1');
}

/** Marsaglia's xorshift: the same sequence in every Pod. */
function seededRandom(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function log(message) {
  process.stdout.write(`${new Date().toISOString()} ${message}\n`);
}
