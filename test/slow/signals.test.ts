import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.ts';
import { runInProcess } from '../support/in-process.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { ctrlC, pty, startAtTerminal, type AtTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const world = useCluster();
let output = '';
beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), 'pitstop-signals-'));
});
afterAll(() => rm(output, { recursive: true, force: true }));

const app = (namespace: string) =>
  deploySmallApp(world.kube, { namespace, route: 'label', replicas: 3 });
const out = async (namespace: string) =>
  (await world.kube.list<Pod>('pods', { namespace })).filter(
    ({ metadata }) => metadata?.annotations?.['pitstop.dev/session'] !== undefined,
  ).length;
const work = ['--', 'sleep', '100000'];

/** Work that ends with the interruption only. */
const runWords = (namespace: string, ...more: readonly string[]) => [
  'run',
  'deploy/web',
  '-n',
  namespace,
  '-O',
  output,
  '--settle=50ms',
  ...more,
  ...work,
];

function start(words: readonly string[]): AtTerminal {
  if (!pty) throw new Error('no terminals here');
  return startAtTerminal(pty, words, { kubeconfig: world.kubeconfigPath });
}

async function atWork(namespace: string, ...more: readonly string[]): Promise<AtTerminal> {
  await app(namespace);
  const terminal = start(runWords(namespace, '--progress=plain', ...more));
  await terminal.seen('diagnose: started');
  return terminal;
}

describe.skipIf(pty === undefined).concurrent('at a terminal, where node-pty loads', () => {
  it('run: the first Ctrl-C puts the Pod back', async () => {
    const terminal = await atWork('once');
    terminal.type(ctrlC);
    expect(await terminal.exitCode).toBe(130);
    expect(terminal.shown()).toContain('Interrupted: putting the Pod back');
    expect(await out('once')).toBe(0);
  });

  it('run: the second leaves at once, and prints the command that helps', async () => {
    const terminal = await atWork('twice');
    terminal.type(ctrlC);
    await terminal.seen('Interrupted: putting');
    terminal.type(ctrlC);
    expect(await terminal.exitCode).toBe(3);
    expect(terminal.shown()).toMatch(/hint: kubectl pitstop restore web-\S+ -n twice/);
    await runInProcess(['restore', '--all', '-n', 'twice'], { kubeconfig: world.kubeconfigPath });
    expect(await out('twice')).toBe(0);
  });

  it('run: a window that is closed does not keep the Pod out', async () => {
    const terminal = await atWork('hung-up');
    terminal.close();
    await until('the process has ended', async () => !terminal.runs());
    expect(await out('hung-up')).toBe(0);
  });

  it('run with a frame that is redrawn: a window that is closed, likewise', async () => {
    await app('drawn');
    const terminal = start(runWords('drawn'));
    await until('a Pod is out', async () => (await out('drawn')) === 1);
    terminal.close();
    await until('the process has ended', async () => !terminal.runs());
    expect(await out('drawn')).toBe(0);
  });

  it('run --all: Ctrl-C puts back all that are out', async () => {
    await app('many');
    const terminal = start(runWords('many', '--all', '--max-out=2', '--progress=plain'));
    await until('two are out', async () => (await out('many')) === 2);
    terminal.type(ctrlC);
    expect(await terminal.exitCode).toBe(130);
    expect(await out('many')).toBe(0);
  });

  it('isolate: Ctrl-C before the Pod is proven out puts it back', async () => {
    await app('proving');
    const flags = ['-n', 'proving', '--settle=10m', '--progress=plain'];
    const terminal = start(['isolate', 'deploy/web', ...flags]);
    await until('the Pod is out', async () => (await out('proving')) === 1);
    terminal.type(ctrlC);
    expect(await terminal.exitCode).toBe(130);
    expect(await out('proving')).toBe(0);
  });
});

describe.concurrent('without a terminal', () => {
  /** What the shell says of its first command when the second has gone early. */
  async function piped(words: readonly string[], pipe: string): Promise<string> {
    const program = new URL('../../bin/kubectl-pitstop.js', import.meta.url).pathname;
    const script = `"$@" ${pipe} > /dev/null; echo "code \${PIPESTATUS[0]}"`;
    const shell = spawn('bash', ['-c', script, 'bash', process.execPath, program, ...words], {
      env: { ...process.env, KUBECONFIG: world.kubeconfigPath },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return await text(shell.stdout);
  }

  it('2>&1 | head: a reader of the progress that goes puts the Pod back', async () => {
    await app('piped');
    const words = runWords('piped', '--progress=json');
    expect(await piped(words, '2>&1 | head -n 1')).toBe('code 130\n');
    expect(await out('piped')).toBe(0);
  });

  it('-O - | head: a reader of the artifact that goes puts the Pod back', async () => {
    await app('streamed');
    const flags = ['-n', 'streamed', '--settle=50ms', '-O', '-', '--collect=/tmp/big'];
    const command = ['--', 'sh', '-c', 'head -c 50000000 /dev/urandom > /tmp/big'];
    const words = ['run', 'deploy/web', ...flags, ...command];
    expect(await piped(words, '| head -c 100')).toBe('code 130\n');
    expect(await out('streamed')).toBe(0);
  });
});
