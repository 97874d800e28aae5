import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { generateCertificates } from '../../apiserver/certificates.ts';
import { readFlags } from './flags.ts';
import { listenAddress } from './listen-address.ts';

/** A server for each variable SERVE_PORT_n and SERVE_TLS_PORT_n, answering with the variable's value. */
export async function porter(args: readonly string[]): Promise<void> {
  const isJson = readFlags(args).text('json-response', 'false') === 'true';
  const found = Object.entries(process.env).flatMap(([name, body = '']) => {
    const [, tls, port] = /^SERVE_(TLS_)?PORT_(\d+)$/.exec(name) ?? [];
    return port === undefined ? [] : [{ port: Number(port), body, isTls: tls !== undefined }];
  });
  const certificates = found.some(({ isTls }) => isTls) ? await generateCertificates() : undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
  for (const { port, body, isTls } of found) {
    const answer = isJson ? inJson(body) : inText(body);
    const server = isTls ? createTlsServer({ ...certificates }, answer) : createServer(answer);
    server.on('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    });
    server.listen({ ...listenAddress(), port });
  }
}

function inText(body: string): RequestListener {
  // As Go's servers guess it from the first bytes.
  const type = /^\s*<(?:!doctype html|html|a|p|div|h1)\b/i.test(body) ? 'text/html' : 'text/plain';
  return (_, response) => {
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
  };
}

function inJson(body: string): RequestListener {
  return (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ Method: request.method, Body: body }));
  };
}
