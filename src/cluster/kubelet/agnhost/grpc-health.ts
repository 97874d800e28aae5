import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:http2';
import { readFlags } from './flags.ts';
import { listenAddress, say } from './listen-address.ts';

/** grpc.health.v1.HealthCheckResponse.ServingStatus */
const [SERVING, NOT_SERVING] = [1, 2];

/** The standard health service over gRPC, and HTTP switches for what it says. */
export function grpcHealthChecking(args: readonly string[]): void {
  const flags = readFlags(args);
  const [port, httpPort] = [flags.number('port', 5000), flags.number('http-port', 8080)];
  const unhealthyAfter = flags.number('delay-unhealthy-sec', -1);
  let status = unhealthyAfter === 0 ? NOT_SERVING : SERVING;
  if (unhealthyAfter > 0) setTimeout(() => (status = NOT_SERVING), unhealthyAfter * 1000);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));

  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    stream.resume();
    const isCheck = headers[':path'] === '/grpc.health.v1.Health/Check';
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    // grpc-status 12: UNIMPLEMENTED
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': isCheck ? '0' : '12' }));
    // Five bytes of length prefix, then field 1, varint.
    stream.end(isCheck ? Buffer.from([0, 0, 0, 0, 2, 0x08, status ?? 0]) : undefined);
  });
  server.listen({ ...listenAddress(), port }, () => say(`gRPC server: :${port}`));

  createHttpServer((request, response) => {
    if (request.url === '/make-not-serving') status = NOT_SERVING;
    if (request.url === '/make-serving') status = SERVING;
    response.end(status === SERVING ? 'serving' : 'not serving');
  }).listen({ ...listenAddress(), port: httpPort }, () => say(`http server: :${httpPort}`));
}
