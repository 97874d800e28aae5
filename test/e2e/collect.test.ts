import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ConfigMap, Pod } from 'kubernetes-types/core/v1.js';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findDiagnostic, type DiagnosticContext } from '../../src/engine/diagnostics/index.ts';
import type { Target } from '../../src/engine/container/target.ts';
import { findSource } from '../../src/engine/sockets/socket-source.ts';
import { parseProcNetTcp } from '../../src/engine/sockets/sockets.ts';
import { collect } from '../../src/engine/steps/collect.ts';
import { useCluster } from '../support/cluster.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { pitstop } from '../support/pitstop.ts';
import { until } from '../support/until.ts';

const world = useCluster();
const namespace = 'default';
const app = { namespace, pod: 'app', container: 'app' };

async function runPod(name: string, command: readonly string[]): Promise<void> {
  const { kube } = world;
  await kube.create<Pod>('pods', {
    metadata: { name, namespace },
    spec: {
      containers: [{ name: 'app', image: 'host', command: [...command] }],
      terminationGracePeriodSeconds: 0,
    },
  });
  await until(`pod ${name} is ready`, async () => {
    const pod = await kube.get<Pod>({ resource: 'pods', namespace, name });
    return pod?.status?.containerStatuses?.[0]?.ready;
  });
}

beforeAll(() => runPod('app', ['sleep', '100000']));

function target(pod = 'app'): Target {
  return { kube: world.kube, namespace, pod, container: 'app' };
}

const signal = new AbortController().signal;

async function bring(
  remote: Parameters<typeof collect>[0]['remote'] | undefined,
  pod = 'app',
  more: Partial<Parameters<typeof collect>[0]> = {},
) {
  if (!remote) throw new Error('no artifact');
  const home = await mkdtemp(join(tmpdir(), 'collect-e2e-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const options = { target: target(pod), remote, signal, onProgress: () => {} };
  return { home, artifact: await collect({ ...options, destination: `${home}/`, ...more }) };
}

async function diagnose(name: string, pod: string, more: Partial<DiagnosticContext> = {}) {
  const context = { target: target(pod), signal, timeoutMs: 60_000, onProgress: () => {}, ...more };
  const diagnostic = findDiagnostic(name);
  const detection = await diagnostic.detect(context);
  if (!detection.works) throw new Error(detection.reason);
  return await diagnostic.run(context, detection);
}

test('the bundle logs in by an exec plugin, and all of it goes by a proxy', async () => {
  await using proxy = await startConnectProxy();
  const home = await mkdtemp(join(tmpdir(), 'collect-e2e-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const given = await readFile(world.cluster.kubeconfigPath, 'utf8');
  const [, token = ''] = /token: *"?([^"\n]+)/.exec(given) ?? [];
  const plugin = join(home, 'plugin');
  const apiVersion = 'client.authentication.k8s.io/v1';
  const credential = { apiVersion, kind: 'ExecCredential', status: { token } };
  await writeFile(plugin, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`, { mode: 0o700 });
  const kubeconfig = join(home, 'kubeconfig');
  await writeFile(
    kubeconfig,
    given
      .replace(/^( *)server:/m, `$1proxy-url: ${proxy.url}\n$1server:`)
      .replace(
        /^( *)token:.*$/m,
        `$1exec: {apiVersion: ${apiVersion}, command: ${plugin}, interactiveMode: Never}`,
      ),
  );
  const { code, stdout, stderr } = await pitstop(
    ['collect', 'app', '/etc/hostname', '-n', namespace, '-O', '-', '--progress=none'],
    { kubeconfig },
  );
  expect(stderr).toContain('agreed on both ends');
  expect([code, stdout]).toEqual([0, 'app\n']);
  const server = new URL(world.cluster.server);
  expect(new Set(proxy.asked)).toEqual(new Set([server.host]));
});

describe('exec', () => {
  test('gives exit code, stdout and stderr', async () => {
    const command = ['sh', '-c', 'echo out; echo err >&2; exit 7'];
    expect(await world.kube.execText({ ...app, command })).toEqual({
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('ends stdin where the caller ends it', async () => {
    const stdout = new PassThrough();
    const stdin = Readable.from(['one ', 'two ', 'three']);
    const [{ exitCode }, said] = await Promise.all([
      world.kube.exec({ ...app, command: ['cat'], stdin, stdout }).finally(() => stdout.end()),
      text(stdout),
    ]);
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: 'one two three' });
  });

  test('loses not a byte of 64 MiB', async () => {
    const hash = createHash('sha256');
    let size = 0;
    const stdout = new Writable({
      write(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        hash.update(chunk);
        done();
      },
    });
    await world.kube.exec({ ...app, command: ['sh', '-c', 'head -c 67108864 /dev/zero'], stdout });
    expect(size).toBe(67_108_864);
    expect(hash.digest('hex')).toBe(
      createHash('sha256').update(Buffer.alloc(67_108_864)).digest('hex'),
    );
  });

  test.each([
    ['no such Pod', { pod: 'nope' }, 'not-found', /pods "nope" not found/],
    [
      'no such container',
      { container: 'nope' },
      'exec-refused',
      /container nope is not valid for pod app/,
    ],
    ['no such command', { command: ['nope'] }, 'exec-refused', /nope/],
  ])('explains a refusal: %s', async (_, change, code, message) => {
    const refused = world.kube.execText({ ...app, command: ['true'], ...change });
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

test('a watch lists, follows, and ends with its signal', async () => {
  const { kube } = world;
  const ended = new AbortController();
  const seen: string[] = [];
  const configMap = { resource: 'configmaps', namespace, name: 'watched' } as const;
  const options = { namespace, labelSelector: 'app=watched', signal: ended.signal };
  for await (const event of kube.watch<ConfigMap>('configmaps', options)) {
    seen.push(event.type === 'SYNCED' ? event.type : `${event.type} ${event.object.data?.['key']}`);
    if (event.type === 'SYNCED') {
      const metadata = { name: 'watched', namespace, labels: { app: 'watched' } };
      await kube.create<ConfigMap>('configmaps', { metadata, data: { key: '1' } });
    } else if (event.type === 'ADDED') {
      await kube.patch(configMap, { data: { key: '2' } }, { type: 'merge' });
    } else if (event.type === 'MODIFIED') await kube.delete(configMap);
    else ended.abort();
  }
  expect(seen).toEqual(['SYNCED', 'ADDED 1', 'MODIFIED 2', 'DELETED 2']);
});

test('a conflict is a conflict', async () => {
  const { kube } = world;
  const pod = { resource: 'pods', namespace, name: 'app' } as const;
  const stale = { metadata: { resourceVersion: '1', labels: { x: 'y' } } };
  await expect(kube.patch(pod, stale, { type: 'merge' })).rejects.toMatchObject({
    code: 'conflict',
    status: 409,
  });
});

test('the sockets of a Pod are read from inside', async () => {
  await runPod('server', [
    process.execPath,
    '-e',
    'require("net").createServer(() => {}).listen(8080, () => require("net").connect(8080, "127.0.0.1"))',
  ]);
  const connections = await until('the connection shows', async () => {
    const server = target('server');
    const { source, text } = await findSource(server, [server.container], signal);
    await source[Symbol.asyncDispose]();
    const found = parseProcNetTcp(text);
    return found.some(({ state }) => state === 'ESTABLISHED') && found;
  });
  expect(connections).toContainEqual(expect.objectContaining({ localPort: 8080, state: 'LISTEN' }));
  expect(connections).toContainEqual(
    expect.objectContaining({ localPort: 8080, localAddress: '127.0.0.1', state: 'ESTABLISHED' }),
  );
});

test('a file of many ranges comes home as it is, and an ended client’s part is finished', async () => {
  const { kube } = world;
  const size = 40 * 1024 * 1024 + 4321;
  const make = `head -c ${size} /dev/urandom > /tmp/big.bin && sha256sum /tmp/big.bin`;
  const { stdout } = await kube.execText({ ...app, command: ['sh', '-c', make] });
  const remote = {
    path: '/tmp/big.bin',
    sizeBytes: size,
    format: 'file',
    extension: '.bin',
    removable: false,
  } as const;
  const home = await mkdtemp(join(tmpdir(), 'collect-e2e-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const options = { destination: `${home}/`, rangeBytes: 4 * 1024 * 1024 };
  const killed = new AbortController();
  const first = bring(remote, 'app', {
    ...options,
    signal: killed.signal,
    onProgress: ({ doneBytes = 0 }) => doneBytes > size / 2 && killed.abort(new Error('killed')),
  });
  await expect(first).rejects.toThrow('killed');
  expect((await readdir(home)).sort()).toEqual(['app-big.bin.part', 'app-big.bin.part.json']);
  const { artifact } = await bring(remote, 'app', options);
  expect(artifact).toMatchObject({ sizeBytes: size, sha256: stdout.split(' ')[0], verified: true });
  expect(await readdir(home)).toEqual(['app-big.bin']);
  expect((await stat(artifact.path)).mode & 0o777).toBe(0o600);
  // Neither the streams nor their helpers outlive the work.
  await until('nothing of ours runs in the container', async () => {
    const ps = await kube.execText({ ...app, command: ['sh', '-c', 'ls -d /proc/[0-9]* | wc -l'] });
    return ps.stdout.trim() === '4' || ps.stdout.trim() === '3';
  });
});

test.runIf(world.embedded)('a stream that is cut within a range is gone on with', async () => {
  const { kube } = world;
  const size = 12 * 1024 * 1024 + 1;
  const make = `head -c ${size} /dev/urandom > /tmp/cut.bin && sha256sum /tmp/cut.bin`;
  const { stdout } = await kube.execText({ ...app, command: ['sh', '-c', make] });
  await using fault = await world.cluster.faults.add({
    kind: 'exec',
    match: { pod: 'app', command: 'hash_every' },
    cutAtByte: 2_500_000,
    ending: 'success',
    times: 1,
  });
  const { artifact } = await bring(
    {
      path: '/tmp/cut.bin',
      sizeBytes: size,
      format: 'file',
      extension: '.bin',
      removable: false,
    },
    'app',
    // Several ranges are asked for at once, and the second stream begins within one of them.
    { compress: 'none', rangeBytes: 4 * 1024 * 1024 },
  );
  expect(await fault.fired()).toBe(1);
  expect(artifact).toMatchObject({ sizeBytes: size, sha256: stdout.split(' ')[0], verified: true });
});

test('a command’s output is the artifact', async () => {
  const { artifact: remote, exitCode } = await diagnose('command', 'app', {
    command: ['sh', '-c', 'echo hi; exit 4'],
  });
  expect(exitCode).toBe(4);
  const { artifact } = await bring(remote);
  expect(await readFile(artifact.path, 'utf8')).toBe('hi\n');
  const { stdout } = await world.kube.execText({ ...app, command: ['ls', '-A', '/tmp'] });
  expect(stdout).not.toContain('pitstop');
});

test('a heap snapshot of a Node Pod', async () => {
  const script =
    'class KeptInHeap {}; globalThis.kept = new KeptInHeap(); setInterval(() => {}, 1000)';
  await runPod('node', [process.execPath, '-e', script]);
  // Running says nothing of how far it has come: a Node that starts does not hear SIGUSR1 yet.
  const { artifact: remote } = await until('Node is up', () => diagnose('node-heap', 'node'));
  const { artifact } = await bring(remote, 'node');
  expect(artifact).toMatchObject({ format: 'heapsnapshot', verified: true, remoteRemoved: true });
  expect((await readFile(artifact.path, 'utf8')).includes('"KeptInHeap"')).toBe(true);
});

test('a restart of the container under the diagnostic is told as such', async () => {
  const { kube } = world;
  await runPod('restarts', ['sh', '-c', 'sleep 100000; exit 1']);
  const where = { namespace, pod: 'restarts', container: 'app' };
  const running = diagnose('command', 'restarts', { command: ['sleep', '1000'] }).catch(
    (error: unknown) => error,
  );
  await until('the diagnostic runs', async () => {
    const command = ['sh', '-c', 'cat /tmp/pitstop-*/pid'];
    return (await kube.execText({ ...where, command })).exitCode === 0;
  });
  const command = ['sh', '-c', 'kill $(pgrep -fx "sleep 100000")'];
  await kube.execText({ ...where, command }).catch(() => undefined);
  expect(await running).toMatchObject({ code: 'container-restarted' });
});
