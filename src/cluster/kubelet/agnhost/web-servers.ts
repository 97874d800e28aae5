import { createReadStream, statSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { hostname } from 'node:os';
import { join, normalize } from 'node:path';
import { readFlags } from './flags.ts';
import { listenAddress, say } from './listen-address.ts';

/** Healthy for ten seconds, then never again: `/healthz` on 8080. */
export function liveness(args: readonly string[]): void {
  const started = performance.now();
  const until = readFlags(args).number('healthy-seconds', 10);
  serve(8080, (request, response) => {
    const seconds = (performance.now() - started) / 1000;
    if (request.url?.startsWith('/redirect')) {
      const to = new URL(request.url, 'http://x').searchParams.get('loc') ?? '/';
      response.writeHead(302, { location: to }).end();
    } else if (!request.url?.startsWith('/healthz')) response.end(new Date().toString());
    else if (seconds > until) response.writeHead(500).end(`error: ${seconds}`);
    else response.end('ok');
  });
}

/** Answers with the Pod's name, by HTTP, TCP or UDP. */
export function serveHostname(args: readonly string[]): void {
  const flags = readFlags(args);
  const port = flags.number('port', 9376);
  const [tcp, udp] = ['tcp', 'udp'].map((name) => flags.text(name, 'false') === 'true');
  if (udp) {
    const socket = createSocket('udp4');
    socket.on('message', (_, from) => socket.send(hostname(), from.port, from.address));
    socket.bind(port, listenAddress().host);
  }
  if (tcp) {
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.end(`${hostname()}\n`);
    }).listen({ ...listenAddress(), port });
  } else if (!udp || flags.text('http', 'false') === 'true')
    serve(port, (_, response) => response.end(hostname()));
}

/** The files of the container. */
export function testWebserver(args: readonly string[]): void {
  const port = readFlags(args).number('port', 80);
  say(`Listening on port ${port}`);
  serve(port, (request, response) => {
    const path = normalize(
      join('/', decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)),
    );
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
      const body = path === '/' ? 'the files of this container\n' : '404 page not found\n';
      response.writeHead(path === '/' ? 200 : 404).end(body);
    } else
      createReadStream(path)
        .on('error', () => response.destroy())
        .pipe(response);
  });
}

/** One page, whatever is asked for: what nginx and httpd show before anybody gives them files. */
export function staticPage(args: readonly string[]): void {
  const flags = readFlags(args);
  const title = flags.text('title', 'It works!');
  const page = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  serve(flags.number('port', 80), (request, response) => {
    say(
      `${request.socket.remoteAddress} "${request.method} ${request.url} HTTP/1.1" 200 ${page.length}`,
    );
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  });
}

function serve(port: number, answer: RequestListener): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
  createServer(answer)
    .on('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    })
    .listen({ ...listenAddress(), port });
}
