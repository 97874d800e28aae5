import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';

const PATIENCE_MS = 2000;

/** Asks this machine's own resolvers, one after the other; undefined when it has none. */
export async function machineResolvers(): Promise<
  ((query: Buffer) => Promise<Buffer>) | undefined
> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  const servers = [...text.matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map(
    ([, address = '']) => address,
  );
  if (servers.length === 0) return undefined;
  return async (query) => {
    let failure: unknown;
    for (const server of servers) {
      try {
        return await ask(server, query);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}

async function ask(server: string, query: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const socket = createSocket('udp4');
  const timer = setTimeout(() => reject(new Error(`${server} does not answer`)), PATIENCE_MS);
  socket.on('error', reject);
  socket.on('message', (answer) => {
    if (answer.subarray(0, 2).equals(query.subarray(0, 2))) resolve(answer);
  });
  socket.connect(53, server, () => socket.send(query));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}
