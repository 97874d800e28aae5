import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isBrokenConnection } from './unheard.ts';

async function errorOf(emitter: NodeJS.EventEmitter): Promise<Error> {
  const [error] = (await once(emitter, 'error')) as [Error];
  return error;
}

test('a peer that has gone is one', async () => {
  await using server = createServer((socket) => {
    socket.once('data', () => socket.resetAndDestroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const reset = connect(port, '127.0.0.1').resume();
  reset.write('hello');
  expect(isBrokenConnection(await errorOf(reset), 'uncaughtException')).toBe(true);

  const child = spawn('sh', ['-c', 'exec <&-; echo closed; exec sleep 60']);
  onTestFinished(() => void child.kill());
  await once(child.stdout, 'data');
  child.stdin.write('hello');
  expect(isBrokenConnection(await errorOf(child.stdin), 'uncaughtException')).toBe(true);
});

test('anything else is none', async () => {
  const missing = await readFile('/no/such/file').catch((error: Error) => error);
  const refused = await errorOf(connect(1, '127.0.0.1'));
  const mistake = new TypeError('x is not a function');
  const forgotten = Object.assign(new Error('EPIPE'), { code: 'EPIPE', syscall: 'write' });
  for (const error of [missing, refused, mistake] as Error[])
    expect(isBrokenConnection(error, 'uncaughtException')).toBe(false);
  expect(isBrokenConnection(forgotten, 'unhandledRejection')).toBe(false);
});
