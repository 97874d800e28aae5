import { connect as dial } from 'node:net';
import { createSocket } from 'node:dgram';
import { milliseconds, readFlags } from './flags.ts';

/** Whether `host:port` answers: exit code 0, or a word on stderr and 1. */
export async function connect(args: readonly string[]): Promise<void> {
  const flags = readFlags(args);
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(flags.words[0] ?? '') ?? [];
  const timeoutMs = milliseconds(flags.text('timeout', '5s'));
  const failure =
    flags.text('protocol', 'tcp') === 'udp'
      ? await dialUdp({ host, port: Number(port), timeoutMs })
      : await dialTcp({ host, port: Number(port), timeoutMs });
  if (failure === undefined) return;
  process.stderr.write(`${failure}\n`);
  process.exitCode = 1;
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

function dialTcp({ host, port, timeoutMs }: Target): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = dial({ host, port });
  socket.setTimeout(timeoutMs, () => resolve('TIMEOUT'));
  socket.once('connect', () => resolve(undefined));
  socket.once('error', (error: NodeJS.ErrnoException) =>
    resolve({ ENOTFOUND: 'DNS', ECONNREFUSED: 'REFUSED' }[error.code ?? ''] ?? 'OTHER'),
  );
  return promise.finally(() => socket.destroy());
}

function dialUdp({ host, port, timeoutMs }: Target): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = createSocket('udp4');
  const timer = setTimeout(() => resolve('TIMEOUT'), timeoutMs);
  socket.once('message', () => resolve(undefined));
  socket.once('error', () => resolve('REFUSED'));
  socket.connect(port, host, () => socket.send('hostname'));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}
