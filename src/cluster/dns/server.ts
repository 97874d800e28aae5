import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Answer, codes, type Query, readQuery, writeAnswer } from './message.ts';

export interface DnsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly answer: (query: Query) => Answer;
  /** Asks others; absent where there is nobody to ask. */
  readonly forward?: (query: Buffer) => Promise<Buffer>;
}

const IDLE_MS = 10_000;

/** Answers over UDP and TCP; rejects when the address cannot be listened on. */
export async function startDnsServer(options: DnsServerOptions): Promise<AsyncDisposable> {
  const { host, port } = options;
  await using parts = new AsyncDisposableStack();
  const udp = createSocket('udp4');
  parts.defer(() => void udp.close());
  const serveDatagram = async (bytes: Buffer, from: RemoteInfo) => {
    const answer = await respond(bytes, options, true);
    // Nobody is told that an answer did not arrive.
    if (answer) udp.send(answer, from.port, from.address, () => {});
  };
  udp.on('message', (bytes, from) => void serveDatagram(bytes, from));
  udp.bind({ address: host, port, exclusive: true });
  await once(udp, 'listening');

  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    serve(socket, options);
  });
  parts.defer(() => {
    tcp.close();
    for (const socket of sockets) socket.destroy();
  });
  tcp.listen({ host, port, exclusive: true });
  await once(tcp, 'listening');
  return parts.move();
}

/** RFC 7766: each message after its length, as many as the client likes. */
function serve(socket: Socket, options: DnsServerOptions): void {
  let waiting = Buffer.alloc(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  const serveMessage = async (query: Buffer) => {
    const answer = await respond(query, options, false);
    if (!answer) socket.destroy();
    else if (socket.writable) socket.write(Buffer.concat([lengthOf(answer), answer]));
  };
  socket.on('data', (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const end = 2 + waiting.readUInt16BE(0);
      const query = waiting.subarray(2, end);
      waiting = waiting.subarray(end);
      void serveMessage(query);
    }
  });
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return length;
}

async function respond(
  bytes: Buffer,
  options: DnsServerOptions,
  overUdp: boolean,
): Promise<Buffer | undefined> {
  let query: Query | undefined;
  try {
    query = readQuery(bytes);
  } catch {
    return formatError(bytes);
  }
  if (!query) return undefined;
  const answer = options.answer(query);
  if (answer.code !== codes.refused || !options.forward) {
    return writeAnswer(query, answer, overUdp);
  }
  return await options
    .forward(bytes)
    .catch(() => writeAnswer(query, { ...answer, code: codes.serverFailure }, overUdp));
}

function formatError(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 2) return undefined;
  const answer = Buffer.alloc(12);
  bytes.copy(answer, 0, 0, 2);
  answer.writeUInt16BE(0x8000 | codes.formatError, 2);
  return answer;
}
