import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { inspectorUrl, openInspector } from './forwarded-inspector.ts';
import { closeIn, heapSnapshot, whoAreYou, writeSnapshot } from './inspector-work.ts';

/** A Node with an open inspector, behind what is no socket but a stream. */
async function startNode() {
  const child = spawn(
    process.execPath,
    ['--inspect=127.0.0.1:0', '-e', 'setInterval(() => {}, 50)'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  let said = '';
  while (!said.includes('ws://')) said += String((await once(child.stderr, 'data'))[0]);
  child.stderr.resume();
  const port = Number(/:(\d+)\//.exec(said)?.[1]);
  const dial = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return Duplex.from({ readable: socket, writable: socket });
  };
  const address = { host: '127.0.0.1', port };
  const inspector = await openInspector(dial, (await inspectorUrl(dial, address)) ?? '');
  return { pid: child.pid, dial, address, inspector };
}

test('a snapshot is written by the process, or comes in chunks: both are one', async () => {
  const { pid, inspector } = await startNode();
  expect(await inspector.evaluate(whoAreYou)).toEqual([pid, expect.any(String)]);
  const folder = await mkdtemp(join(tmpdir(), 'inspector-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'x.heapsnapshot');
  expect(await inspector.evaluate(writeSnapshot(path))).toBe(path);

  const [take] = heapSnapshot.begin;
  const taken = inspector.call(take ?? { method: '' });
  const pieces: Buffer[] = [];
  for await (const piece of inspector.chunks(taken)) pieces.push(piece);
  await taken;
  const nodes = (text: string) =>
    (JSON.parse(text) as { snapshot: { node_count: number } }).snapshot.node_count;
  const streamed = nodes(Buffer.concat(pieces).toString());
  expect(streamed).toBeGreaterThan(1000);
  expect(Math.abs(streamed / nodes(readFileSync(path, 'utf8')) - 1)).toBeLessThan(0.5);
});

test('what the process refuses is told in its words', async () => {
  const { inspector } = await startNode();
  await expect(inspector.call({ method: 'Nope.nope' })).rejects.toThrow("'Nope.nope' wasn't found");
  await expect(inspector.evaluate(writeSnapshot('/no/such/folder/x'))).rejects.toMatchObject({
    code: 'diagnostic-failed',
    message: expect.stringContaining('no such file or directory'),
  });
});

test('no connection stays open of asking where the inspector is', async () => {
  const { dial, address } = await startNode();
  const dialled: Duplex[] = [];
  const noting = async () => {
    const stream = await dial();
    dialled.push(stream);
    return stream;
  };
  expect(await inspectorUrl(noting, address)).toMatch(/^ws:/);
  expect(dialled.map(({ destroyed }) => destroyed)).toEqual([true]);
});

test('closes by itself where nobody is left to close it', async () => {
  const { dial, address, inspector } = await startNode();
  await inspector.evaluate(closeIn(600_000));
  await inspector.evaluate(closeIn(20));
  inspector[Symbol.dispose]();
  while ((await inspectorUrl(dial, address)) !== undefined) await sleep(20);
  await expect(inspector.evaluate(whoAreYou)).rejects.toThrow('closed its inspector');
});
