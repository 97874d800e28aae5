import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '../../src/engine/container/target.ts';
import { runSession } from '../../src/engine/index.ts';
import { findDiagnostic, type DiagnosticContext } from '../../src/engine/diagnostics/index.ts';
import { chooseIsolation } from '../../src/cluster/launch/isolation.ts';
import { useCluster } from '../support/cluster.ts';
import { hasTools } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { workbox } from '../support/workbox.ts';

const { level } = await chooseIsolation('auto');
const world = useCluster();
const namespace = 'default';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(process.cwd(), 'node_modules', '.runtimes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function runPod(name: string, container: Partial<Container>) {
  const { kube } = world;
  await kube.create<Pod>('pods', {
    metadata: { name, namespace },
    spec: {
      containers: [
        {
          name: 'app',
          image: 'host',
          volumeMounts: [{ name: 'programs', mountPath: folder }],
          ...container,
        },
      ],
      // Each container has a /tmp of its own, and this project may lie in there.
      volumes: [{ name: 'programs', hostPath: { path: folder } }],
      terminationGracePeriodSeconds: 0,
    },
  });
  await until(`pod ${name} runs`, async () => {
    const pod = await kube.get<Pod>({ resource: 'pods', namespace, name });
    return pod?.status?.containerStatuses?.[0]?.ready;
  });
  const target: Target = { kube, namespace, pod: name, container: 'app' };
  const context: DiagnosticContext = {
    target,
    signal: new AbortController().signal,
    timeoutMs: 120_000,
    onProgress: () => {},
  };
  const sh = async (script: string) => {
    const output = await kube.execText({
      ...target,
      command: ['sh', '-c', script],
      maxBytes: 64 * 2 ** 20,
    });
    return output.stdout;
  };
  const listeners = async () => Number(await sh('cat /proc/net/tcp | grep -c " 0A "'));
  return { context, sh, listeners };
}

async function detect(name: string, context: DiagnosticContext) {
  const detection = await findDiagnostic(name).detect(context);
  if (!detection.works) throw new Error(detection.reason);
  return detection;
}

async function run(name: string, context: DiagnosticContext, ...extraArgs: readonly string[]) {
  const asked = { ...context, extraArgs };
  const { artifact } = await findDiagnostic(name).run(asked, await detect(name, asked));
  if (!artifact) throw new Error('no artifact');
  return artifact;
}

describe('Node whose program cannot be run in the container', () => {
  const app = `globalThis.orders = Array.from({ length: 5000 }, (_, id) => "order " + id);
    setInterval(() => { for (let i = 0; i < 1e5; i += 1) Math.sqrt(i); }, 5);`;

  test('is spoken to by port-forward, and its inspector is closed again', async () => {
    const program = join(folder, 'node');
    copyFileSync(process.execPath, program);
    const { context, sh, listeners } = await runPod('node-gone', { command: [program, '-e', app] });
    await until('Node handles SIGUSR1', async () => {
      const { works } = await findDiagnostic('node-heap').detect(context);
      return works || undefined;
    });
    // As after an update of its package.
    rmSync(program);
    expect(await detect('node-heap', context)).toMatchObject({ tool: 'inspector by port-forward' });

    const heap = await run('node-heap', context);
    expect(await sh(`grep -c "order 4999" ${heap.path}`)).toBe('1\n');
    expect(await listeners()).toBe(0);

    const cpu = await run('node-cpu-profile', context, '--duration=300ms');
    const profile = JSON.parse(await sh(`cat ${cpu.path}`)) as { samples: unknown[] };
    expect(profile.samples.length).toBeGreaterThan(0);
    expect(await listeners()).toBe(0);
    expect((await sh('ls -d /tmp/pitstop-*')).trim().split('\n')).toHaveLength(2);
  });
});

describe('Go', () => {
  let program = '';
  beforeAll(() => {
    if (!hasTools('go')) return;
    program = join(folder, 'app');
    const source = join(folder, 'main.go');
    writeFileSync(source, goApp);
    execFileSync('go', ['build', '-o', program, source], {
      env: {
        ...process.env,
        GO111MODULE: 'off',
        CGO_ENABLED: '0',
        HOME: process.env['HOME'] ?? folder,
      },
    });
  }, 300_000);

  /** What the host has, but nothing that speaks HTTP. */
  const withoutHttp = () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    for (const name of readdirSync('/usr/bin')) {
      if (!['curl', 'wget', 'bash'].includes(name))
        symlinkSync(`/usr/bin/${name}`, join(bin, name));
    }
    return [{ name: 'PATH', value: bin }];
  };

  test.for(['by a tool of the container', 'by port-forward'])('%s', async (way, { skip }) => {
    if (!program) skip('there is no go here');
    const byForward = way === 'by port-forward';
    const { context, sh } = await runPod(byForward ? 'go-forward' : 'go-tool', {
      command: [program, '127.0.0.1:6060'],
      ...(byForward && { env: withoutHttp() }),
    });
    expect(await detect('go-heap', context)).toMatchObject({
      tool: expect.stringMatching(byForward ? /port-forward/ : /curl|wget|bash/),
      process: { command: `${program} 127.0.0.1:6060` },
    });
    const text = async (path: string) =>
      gunzipSync(Buffer.from(await sh(`base64 ${path}`), 'base64')).toString('latin1');

    const heap = await run('go-heap', context, '--gc');
    expect(heap).toMatchObject({ format: 'pprof', extension: '.heap.pb.gz' });
    expect(await text(heap.path)).toContain('main.main');
    const cpu = await run('go-cpu', context, '--duration=1s');
    expect(await text(cpu.path)).toContain('main.busyWork');
    const stacks = await run('go-goroutines', context);
    expect(await sh(`cat ${stacks.path}`)).toMatch(/^goroutine \d+ \[running\]/);
    expect(stacks.sizeBytes).toBeGreaterThan(500);

    const { status } = await runSession(world.kube, {
      namespace,
      target: byForward ? 'go-forward' : 'go-tool',
      diagnostic: 'go-heap',
      output: `${folder}/`,
    });
    expect(status).toMatchObject({
      phase: 'Succeeded',
      artifact: { verified: true, format: 'pprof', remoteRemoved: true },
    });
    expect(status.artifact?.summary.join('\n')).toContain('inuse_space');

    // While one CPU profile is being taken, Go gives no other, and says so.
    const [one, other] = await Promise.allSettled([
      run('go-cpu', context, '--duration=3s'),
      run('go-cpu', context, '--duration=3s'),
    ]);
    const refused = [one, other].filter(({ status }) => status === 'rejected');
    expect(refused).toEqual([
      expect.objectContaining({
        reason: expect.objectContaining({ message: expect.stringContaining('already in use') }),
      }),
    ]);
    expect((await sh('ls -d /tmp/pitstop-*')).trim().split('\n')).toHaveLength(4);
  });

  test('in an image with nothing else, through an ephemeral container', async ({ skip }) => {
    if (!program) skip('there is no go here');
    if (level === 'loopback')
      skip('without namespaces every container has the shell of this machine');
    const { images } = world.cluster;
    await images.set('go:1', {
      command: ['/app', '127.0.0.1:6060'],
      files: [{ source: program, target: '/app', readOnly: true }],
      bare: true,
    });
    await images.set('alpine/socat:1.8.0.3', workbox());
    await runPod('go-bare', { image: 'go:1' });
    const { status } = await runSession(world.kube, {
      namespace,
      target: 'go-bare',
      diagnostic: 'go-heap',
      output: `${folder}/`,
    });
    expect(status).toMatchObject({
      phase: 'Succeeded',
      artifact: { verified: true, format: 'pprof', remoteRemoved: true },
    });
  });

  test('a program without pprof is told from one that is not in Go', async ({ skip }) => {
    if (!program) skip('there is no go here');
    const { context } = await runPod('go-elsewhere', { command: [program, '127.0.0.1:6060'] });
    const asked = { ...context, extraArgs: ['--path=/elsewhere'] };
    expect(await findDiagnostic('go-heap').detect(asked)).toEqual({
      works: false,
      reason: expect.stringContaining('(6060) answers /elsewhere/'),
      mayWorkAside: false,
    });
  });
});

test('what is no Go program is none', async () => {
  const { context } = await runPod('no-go', { command: ['sleep', '1000'] });
  expect(await findDiagnostic('go-heap').detect(context)).toEqual({
    works: false,
    reason: expect.stringContaining('no Go program'),
  });
});

const goApp = `package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

var kept [][]byte

func busyWork() int {
	n := 0
	for i := 0; i < 1e6; i++ {
		n += i % 7
	}
	return n
}

func main() {
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		panic(err)
	}
	for i := 0; i < 1000; i++ {
		kept = append(kept, make([]byte, 100000))
	}
	go func() {
		for {
			busyWork()
			time.Sleep(time.Millisecond)
		}
	}()
	fmt.Println("ready")
	panic(http.Serve(listener, nil))
}
`;
