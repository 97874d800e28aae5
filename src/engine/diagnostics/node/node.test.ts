import { connect } from '../../../kube/index.ts';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startExecServer } from '../../../../test/support/exec-server.ts';
import { hasSandbox, startSandbox } from '../../../../test/support/sandbox.ts';
import type { Diagnostic, DiagnosticContext } from '../diagnostic.ts';
import { nodeHeap } from './heap.ts';
import { nodeCpuProfile, nodeHeapSampling } from './profiles.ts';

const app =
  'function busyWork() { const until = Date.now() + 6; while (Date.now() < until) globalThis.x = JSON.stringify(process.memoryUsage()); } globalThis.kept = []; setInterval(() => { busyWork(); kept.push("order".repeat(2000) + kept.length); }, 10); console.log("ready");';

async function container(options: readonly string[] = [], code = app) {
  const sandbox = await startSandbox([process.execPath, ...options, '-e', code]);
  const server = await startExecServer({ prefix: sandbox.prefix });
  const kube = await connect({ kubeconfig: server.kubeconfig });
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await sandbox[Symbol.asyncDispose]();
  });
  const target = { kube, namespace: 'shop', pod: 'web', container: 'app' };
  const context: DiagnosticContext = {
    target,
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    sessionId: randomBytes(4).toString('hex'),
    onProgress: () => {},
  };
  const sh = async (script: string) => {
    const command = ['sh', '-c', script];
    return (await kube.execText({ ...target, command, maxBytes: 64 * 2 ** 20 })).stdout;
  };
  const listeners = async () => Number(await sh('cat /proc/net/tcp | grep -c " 0A "'));
  return { context, sh, listeners };
}

async function untilOpen(listeners: () => Promise<number>): Promise<true> {
  while ((await listeners()) === 0) await sleep(20);
  return true;
}

async function run(diagnostic: Diagnostic, context: DiagnosticContext) {
  const detection = await diagnostic.detect(context);
  if (!detection.works) throw new Error(detection.reason);
  return (await diagnostic.run(context, detection)).artifact;
}

describe.runIf(hasSandbox())('with Node', () => {
  test('a CPU profile tells which function works, and the inspector is closed again', async () => {
    const { context, sh, listeners } = await container();
    const extraArgs = ['--duration=800ms', '--interval=500'];
    const artifact = await run(nodeCpuProfile, { ...context, extraArgs });
    expect(artifact).toMatchObject({ format: 'cpuprofile', extension: '.cpuprofile' });
    const profile = JSON.parse(await sh(`cat ${artifact?.path}`)) as {
      nodes: { callFrame: { functionName: string } }[];
      samples: number[];
    };
    expect(profile.nodes.map(({ callFrame }) => callFrame.functionName)).toContain('busyWork');
    expect(profile.samples.length).toBeGreaterThan(10);
    expect(await listeners()).toBe(0);
    expect(await sh(`ls $(dirname ${artifact?.path})`)).toBe('cpu.cpuprofile\n');
  });

  test('sampled allocations are a profile too, through an inspector that stays open', async () => {
    const { context, sh, listeners } = await container(['--inspect=127.0.0.1:9444']);
    const extraArgs = ['--duration=500ms', '--interval=1024'];
    const artifact = await run(nodeHeapSampling, { ...context, extraArgs });
    expect(artifact?.extension).toBe('.heapprofile');
    const { head } = JSON.parse(await sh(`cat ${artifact?.path}`)) as {
      head: { children: unknown[] };
    };
    expect(head.children.length).toBeGreaterThan(0);
    expect(await listeners()).toBe(1);
  });

  test('an abort in the middle leaves neither a file nor an open inspector', async () => {
    const { context, sh, listeners } = await container();
    const ended = new AbortController();
    const extraArgs = ['--duration=50s'];
    const running = run(nodeCpuProfile, { ...context, extraArgs, signal: ended.signal });
    const failed = running.catch((error: unknown) => error);
    const isRunning = await Promise.race([failed.then(() => false), untilOpen(listeners)]);
    expect(isRunning).toBe(true);
    ended.abort(new Error('Ctrl-C'));
    expect(await failed).toMatchObject({ message: 'Ctrl-C' });
    while ((await listeners()) > 0) await sleep(50);
    expect(
      await sh(
        `ls -d /*/pitstop-${context.sessionId} /*/*/pitstop-${context.sessionId}; ps -eo stat | grep -c "^Z"`,
      ),
    ).toBe('0\n');
  });

  test('a process without a handler for SIGUSR1 is left alone', async () => {
    const { context, sh } = await container(['--disable-sigusr1']);
    expect(await nodeCpuProfile.detect(context)).toEqual({
      works: false,
      reason: expect.stringMatching(/pid 1.*does not handle SIGUSR1/),
    });
    expect(await sh('cat /proc/1/comm')).not.toBe('');
  });

  test('a port that another process holds is no inspector of ours', async () => {
    const { context, sh } = await container(
      [],
      `if (!process.argv[1]) require('child_process').spawn(process.execPath, ['--inspect', '-e', 'console.log("ready"); setInterval(() => {}, 1000)', 'child'], { stdio: 'inherit' }); setInterval(() => {}, 1000);`,
    );
    expect(await nodeHeap.detect({ ...context, extraArgs: ['--pid=1'] })).toEqual({
      works: false,
      reason: expect.stringContaining('port 9229'),
    });
    const [child = ''] = (await sh('cat /proc/1/task/1/children')).split(' ');
    expect(await nodeHeap.detect({ ...context, extraArgs: [`--pid=${child}`] })).toMatchObject({
      works: true,
      tool: 'inspector',
      process: { pid: Number(child) },
    });
  });
});

test('an option that is none is refused before anything is looked at', () => {
  expect(() => nodeCpuProfile.checkOptions?.(['--duraton=3s'])).toThrow(
    'node-cpu-profile has no option --duraton=3s',
  );
});
