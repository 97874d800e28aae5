import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { milliseconds, readFlags } from './flags.ts';
import { listenAddress, say } from './listen-address.ts';
import { dial } from './netexec-dial.ts';

/** A server to ask about itself and to have ask others, over HTTP and UDP. */
export function netexec(args: readonly string[]): void {
  const flags = readFlags(args);
  const [httpPort, udpPort] = [flags.number('http-port', 8080), flags.number('udp-port', 8081)];
  const shutdownSeconds = flags.number('delay-shutdown', 0);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => setTimeout(() => process.exit(0), shutdownSeconds * 1000));
  const override = flags.text('http-override', '');
  const server = createServer((request, response) => {
    void answer(request, { response, override }).catch((error: Error) =>
      response.headersSent ? response.destroy() : response.writeHead(500).end(error.message),
    );
  });
  server.once('error', fail);
  server.listen({ ...listenAddress(), port: httpPort }, () =>
    say(`Started HTTP server on port ${httpPort}`),
  );
  if (udpPort > 0) serveUdp(udpPort);
}

function fail(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

async function answer(
  request: IncomingMessage,
  { response, override }: { readonly response: ServerResponse; readonly override: string },
): Promise<void> {
  const url = new URL(override ? `/${override}` : (request.url ?? '/'), 'http://netexec');
  const query = url.searchParams;
  say(`${request.method} ${request.url}`);
  switch (url.pathname.toLowerCase()) {
    case '/clientip':
      response.end(
        `${request.socket.remoteAddress?.replace(/^::ffff:/, '')}:${request.socket.remotePort}`,
      );
      break;
    case '/header':
      response.end(String(request.headers[(query.get('key') ?? '').toLowerCase()] ?? ''));
      break;
    case '/dial':
      response.end(JSON.stringify(await dial(query)));
      break;
    case '/echo':
      response.writeHead(Number(query.get('code') ?? 200)).end(query.get('msg') ?? '');
      break;
    case '/exit':
      await delay(milliseconds(query.get('wait') ?? ''));
      process.exit(Number(query.get('code') ?? 0));
      break;
    case '/healthz':
      response.end('ok');
      break;
    case '/hostname':
      response.end(hostname());
      break;
    case '/redirect':
      response
        .writeHead(Number(query.get('code') ?? 302), { location: query.get('location') ?? '/' })
        .end();
      break;
    case '/shell':
      response.end(
        JSON.stringify(await shell(query.get('shellCommand') ?? query.get('cmd') ?? '')),
      );
      break;
    case '/shutdown':
      process.exit(0);
      break;
    default:
      response.end(`NOW: ${new Date().toISOString()}`);
  }
}

function shell(command: string): Promise<{ output?: string; error?: string }> {
  const { promise, resolve } = Promise.withResolvers<{ output?: string; error?: string }>();
  execFile('/bin/sh', ['-c', command], (error, stdout, stderr) => {
    const output = stdout + stderr;
    resolve({ ...(output && { output }), ...(error && { error: error.message }) });
  });
  return promise;
}

function serveUdp(port: number): void {
  const socket = createSocket('udp4');
  socket.once('error', fail);
  socket.on('message', (message, from) => {
    const [word = '', ...rest] = message.toString().trim().split(' ');
    const reply: Record<string, () => string> = {
      hostname: () => hostname(),
      echo: () => rest.join(' '),
      clientip: () => `${from.address}:${from.port}`,
    };
    const text = reply[word.toLowerCase()]?.();
    if (text !== undefined) socket.send(text, from.port, from.address);
  });
  socket.bind(port, listenAddress().host, () => say(`Started UDP server on port ${port}`));
}
