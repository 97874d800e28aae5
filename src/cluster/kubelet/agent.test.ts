import type { Container } from 'kubernetes-types/core/v1.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { nodeAgent } from './agent.ts';
import { LogFile } from './logs/log-file.ts';
import { newRun } from './pod/container-run.ts';
import type { PodWorker } from './pod/pod-worker.ts';
import type { ContainerProcess } from './runtime/runtime.ts';

const pod = { metadata: { name: 'box', namespace: 'default' } };
const options = {
  container: 'box',
  command: [],
  stdin: false,
  stdout: true,
  stderr: true,
  tty: false,
};

/** A container whose process has not been waited for yet, and what it writes. */
async function running(container: Partial<Container> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-agent-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const log = new LogFile(join(directory, '0.log'));
  const [stdout, stderr] = [new PassThrough(), Readable.from([])];
  const recorded = log.record({ stdout, stderr });
  const stdin = new PassThrough();
  const process = { exit: new Promise(() => {}), stdin } as unknown as ContainerProcess;
  const run = newRun({ name: 'box', ...container }, 'app', 'ContainerCreating');
  run.state = { kind: 'running', startedAt: 0, containerId: 'x', process };
  run.log = log;
  const agent = nodeAgent(() => ({ runs: [run] }) as unknown as PodWorker);
  return { agent, stdin, stdout, recorded };
}

test('attach gives what is written from now on, until the output ends', async () => {
  const { agent, stdout, recorded } = await running();
  const session = await agent.attach(pod, options);
  const seen = text(session.stdout ?? Readable.from([]));
  stdout.end('hello\n');
  await recorded;
  expect(await seen).toBe('hello\n');
});

test('attach refuses a container whose output has ended, though its end is not recorded yet', async () => {
  const { agent, stdout, recorded } = await running();
  stdout.end();
  await recorded;
  await expect(agent.attach(pod, options)).rejects.toThrow('container not found ("box")');
});

test('with stdinOnce the container’s input ends with the client, gone or not; else it stays open', async () => {
  const inputAfter = async (container: Partial<Container>, leave: 'end' | 'abandon') => {
    const { agent, stdin } = await running({ stdin: true, ...container });
    const session = await agent.attach(pod, { ...options, stdin: true });
    session.stdin?.write('last words');
    if (leave === 'end') session.stdin?.end();
    else session.abandon();
    await setImmediate();
    return { text: String(stdin.read()), isOpen: stdin.writable };
  };
  const heard = { text: 'last words' };
  for (const leave of ['end', 'abandon'] as const) {
    expect(await inputAfter({ stdinOnce: true }, leave)).toEqual({ ...heard, isOpen: false });
    expect(await inputAfter({}, leave)).toEqual({ ...heard, isOpen: true });
    // A terminal is hung up on by its container alone.
    const terminal = { stdinOnce: true, tty: true };
    expect(await inputAfter(terminal, leave)).toEqual({ ...heard, isOpen: true });
  }
});
