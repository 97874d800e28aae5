import { createSocket } from 'node:dgram';
import { get } from 'node:http';

interface Dialled {
  readonly responses?: readonly string[];
  readonly errors?: readonly string[];
}

/** Asks another server, `tries` times, and tells what it said: netexec's `/dial`. */
export async function dial(query: URLSearchParams): Promise<Dialled> {
  const at = { host: query.get('host') ?? '', port: Number(query.get('port') ?? 8080) };
  const request = query.get('request') ?? 'hostname';
  const tries = Number(query.get('tries') ?? 1);
  const ask = query.get('protocol') === 'udp' ? askUdp : askHttp;
  const responses: string[] = [];
  const errors: string[] = [];
  for (let i = 0; i < tries; i += 1)
    await ask(at, request).then(
      (text) => responses.push(text.trim()),
      (error: Error) => errors.push(error.message),
    );
  return { ...(responses.length > 0 && { responses }), ...(errors.length > 0 && { errors }) };
}

interface Target {
  readonly host: string;
  readonly port: number;
}

function askHttp({ host, port }: Target, request: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = get(
    { host, port, path: `/${request}`, agent: false, timeout: 5000 },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () => resolve(text));
    },
  );
  asked.once('error', reject);
  asked.once('timeout', () =>
    asked.destroy(new Error(`Get "http://${host}:${port}/${request}": timeout`)),
  );
  return promise;
}

function askUdp({ host, port }: Target, request: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = createSocket('udp4');
  const timer = setTimeout(() => reject(new Error(`read udp ${host}:${port}: i/o timeout`)), 5000);
  socket.once('error', reject);
  socket.once('message', (message) => resolve(message.toString()));
  socket.connect(port, host, () => socket.send(request));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}
