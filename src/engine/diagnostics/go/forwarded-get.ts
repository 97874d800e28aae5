import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { PitstopError } from '../../errors.ts';
import type { Target } from '../../container/target.ts';

export interface PprofAddress {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

interface Asked {
  readonly path: string;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/**
 * GET over a port-forward; the answer as it comes. Throws `diagnostic-failed` with the server's words
 * when it is no 200, `KubeError` where the port cannot be reached.
 */
export async function forwardedGet(
  { kube, namespace, pod }: Target,
  { scheme, port }: PprofAddress,
  { path, waitMs, signal }: Asked,
): Promise<IncomingMessage> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  const stream = await kube.portForward({ namespace, pod, port, signal: within });
  const answer = await ask(stream, { scheme, port, path });
  // Not every server closes a connection that it was asked to close.
  answer.once('close', () => stream.destroy());
  if (answer.statusCode === 200) return answer;
  const said = (await text(answer)).trim().slice(0, 500);
  throw new PitstopError(
    'diagnostic-failed',
    `port ${port} of pod ${namespace}/${pod} answered ${path} with HTTP ${answer.statusCode}: ${said || '(nothing)'}`,
  );
}

/** A self-signed certificate is good enough: who may forward a port has the Pod in his hands already. */
function ask(
  stream: Duplex,
  { scheme, port, path }: { readonly scheme: string; readonly port: number; readonly path: string },
): Promise<IncomingMessage> {
  const isTls = scheme === 'https';
  const connection = isTls ? connectTls({ socket: stream, rejectUnauthorized: false }) : stream;
  return new Promise((resolve, reject) => {
    const asked = (isTls ? httpsRequest : httpRequest)(
      {
        path,
        headers: { Host: `127.0.0.1:${port}`, Connection: 'close' },
        createConnection: () => connection,
      },
      resolve,
    );
    // The request's own error hides why the stream ended.
    stream.on('error', reject);
    asked.on('error', reject).end();
  });
}
