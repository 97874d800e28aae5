import { connect, type ClientHttp2Session } from 'node:http2';
import { connectFrom, joinHostPort } from './host-port.ts';
import type { ProbeOutcome } from './run-probe.ts';

const METHOD = '/grpc.health.v1.Health/Check';
/** grpc.health.v1.HealthCheckResponse.ServingStatus */
const STATUS = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const UNIMPLEMENTED = '12';

export interface GrpcTarget {
  readonly host: string;
  readonly port: number;
  /** Which service's health is asked for; empty: the server's. */
  readonly service: string;
  readonly timeoutMs: number;
  readonly localAddress: string;
}

/** Asks the standard health service of gRPC, over HTTP/2 without TLS as the kubelet does. */
export async function probeGrpc(target: GrpcTarget): Promise<ProbeOutcome> {
  const address = joinHostPort(target.host, target.port);
  const session = connect(
    `http://${address}`,
    connectFrom(target.localAddress, target.host) as object,
  );
  const timeout = AbortSignal.timeout(target.timeoutMs);
  const failed = Promise.withResolvers<ProbeOutcome>();
  const late = `timeout: failed to connect service "${address}" within ${target.timeoutMs / 1000}s`;
  timeout.addEventListener('abort', () => failed.resolve({ success: false, message: late }));
  session.on('error', () =>
    failed.resolve({
      success: false,
      message: `error: failed to connect service at "${address}": context deadline exceeded`,
    }),
  );
  try {
    return await Promise.race([check(session, target.service), failed.promise]);
  } finally {
    session.destroy();
  }
}

async function check(session: ClientHttp2Session, service: string): Promise<ProbeOutcome> {
  const name = Buffer.from(service);
  // Field 1, a string; then five bytes of length prefix, as every gRPC message has.
  const message = name.length > 0 ? Buffer.concat([Buffer.from([0x0a, name.length]), name]) : name;
  const prefix = Buffer.from([0, 0, 0, 0, message.length]);
  const stream = session.request({
    ':method': 'POST',
    ':path': METHOD,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'kube-probe/1.36',
  });
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
  const answer: Buffer[] = [];
  let grpcStatus = '';
  let grpcMessage = '';
  const note = (headers: Readonly<Record<string, string | string[] | number | undefined>>) => {
    grpcStatus = `${headers['grpc-status'] ?? grpcStatus}`;
    grpcMessage = `${headers['grpc-message'] ?? grpcMessage}`;
  };
  stream.on('response', note);
  stream.on('trailers', note);
  stream.on('data', (chunk: Buffer) => answer.push(chunk));
  stream.on('error', () => {});
  stream.once('close', () =>
    resolve(outcomeOf({ grpcStatus, grpcMessage, body: Buffer.concat(answer) })),
  );
  stream.end(Buffer.concat([prefix, message]));
  return await promise;
}

function outcomeOf(answer: {
  readonly grpcStatus: string;
  readonly grpcMessage: string;
  readonly body: Buffer;
}): ProbeOutcome {
  const { grpcStatus, grpcMessage, body } = answer;
  if (grpcStatus === UNIMPLEMENTED)
    return {
      success: false,
      message:
        'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ' +
        grpcMessage,
    };
  if (grpcStatus !== '0')
    return {
      success: false,
      message: `error: health rpc probe failed: ${grpcMessage || `rpc error: code = ${grpcStatus || 'Unavailable'}`}`,
    };
  // An empty message is the default, UNKNOWN; else field 1, a varint.
  const status = body[5] === 0x08 ? (body[6] ?? 0) : 0;
  if (STATUS[status] === 'SERVING') return { success: true, message: '' };
  return {
    success: false,
    message: `service unhealthy (responded with "${STATUS[status] ?? status}")`,
  };
}
