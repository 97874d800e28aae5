import type { Duplex } from 'node:stream';
import type { SpdySession, SpdyStream } from './spdy/session.ts';

export type Dial = (port: number) => Promise<Duplex>;

/** Serves kubectl's port-forward: each connection is a pair of streams, one for data, one for an error. */
export async function servePortForward(session: SpdySession, dial: Dial): Promise<void> {
  const waiting = new Map<string, { data?: SpdyStream; error?: SpdyStream }>();
  session.onStream((stream) => {
    const id = stream.header('requestid');
    const pair = waiting.get(id) ?? {};
    waiting.set(id, pair);
    pair[stream.header('streamtype') === 'error' ? 'error' : 'data'] = stream;
    const { data, error } = pair;
    if (!data || !error) return;
    waiting.delete(id);
    void forward({ data, error }, dial);
  });
  await session.closed;
}

async function forward(
  { data, error }: { readonly data: SpdyStream; readonly error: SpdyStream },
  dial: Dial,
): Promise<void> {
  const port = Number(data.header('port'));
  error.resume();
  try {
    if (!(port > 0 && port < 65_536)) throw new Error('this is no port');
    const connection = await dial(port);
    // The client did not wait for it.
    if (data.destroyed) return void connection.destroy();
    error.end();
    data.pipe(connection);
    connection.pipe(data);
    connection.on('error', () => data.destroy());
    data.once('close', () => connection.destroy());
  } catch (cause) {
    error.end(failure(port, cause));
    data.end();
  }
}

/** As the kubelet words a port nobody listens on. */
export function failure(port: number, cause: unknown): string {
  const why = cause instanceof Error ? cause.message : String(cause);
  return `error forwarding port ${port} to pod: failed to connect to localhost:${port} inside the pod: ${why}`;
}
