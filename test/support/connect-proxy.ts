import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** Where it was asked to connect to. */
  readonly asked: string[];
}

/** An HTTP proxy on loopback that knows CONNECT and nothing else. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const asked: string[] = [];
  const open = new Set<Duplex>();
  const keep = <T extends Duplex>(stream: T): T => {
    open.add(stream);
    return stream.on('error', () => stream.destroy()).on('close', () => open.delete(stream));
  };
  const server = createServer((_, response) => void response.writeHead(405).end());
  server.on('connect', ({ url = '' }, socket) => {
    asked.push(url);
    const [host, port] = url.split(':');
    const behind = keep(connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n')));
    keep(socket).pipe(behind).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const stream of open) stream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
