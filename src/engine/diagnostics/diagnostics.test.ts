import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startExecServer } from '../../../test/support/exec-server.ts';
import { hasSandbox, startSandbox } from '../../../test/support/sandbox.ts';
import { until } from '../../../test/support/until.ts';
import { connect } from '../../kube/index.ts';
import { checkFile } from '../artifact/check.ts';
import { collect } from '../steps/collect.ts';
import { catalogue, findDiagnostic, type DiagnosticContext } from './index.ts';
import type { Target } from '../container/target.ts';
import { findProcesses } from '../container/processes.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(process.cwd(), 'node_modules', '.diagnostics-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function container(argv: readonly string[]) {
  const sandbox = await startSandbox(argv);
  const server = await startExecServer({ prefix: sandbox.prefix });
  const kube = await connect({ kubeconfig: server.kubeconfig });
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await sandbox[Symbol.asyncDispose]();
  });
  const target: Target = { kube, namespace: 'shop', pod: 'web', container: 'app' };
  const progress: string[] = [];
  const context: DiagnosticContext = {
    target,
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    sessionId: 'abcd1234',
    onProgress: ({ message }) => progress.push(message),
  };
  const sh = async (script: string) =>
    (
      await kube.execText({
        namespace: 'shop',
        pod: 'web',
        container: 'app',
        command: ['sh', '-c', script],
      })
    ).stdout;
  return { sandbox, server, target, context, progress, sh };
}

async function run(name: string, context: DiagnosticContext) {
  const diagnostic = findDiagnostic(name);
  const detection = await diagnostic.detect(context);
  if (!detection.works) throw new Error(detection.reason);
  return { detection, outcome: await diagnostic.run(context, detection) };
}

async function bring(target: Target, remote: Parameters<typeof collect>[0]['remote'] | undefined) {
  if (!remote) throw new Error('no artifact');
  const home = mkdtempSync(join(tmpdir(), 'diagnostics-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  return await collect({
    target,
    remote,
    destination: `${home}/`,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
}

// What the sandbox shows of the host's own /tmp is none of ours.
const nothingLeft =
  'for f in $(ls -A /tmp); do mountpoint -q "/tmp/$f" || echo "$f"; done; ps -eo pid,stat,args 2>/dev/null | grep -c "[p]itstop-exec"; ps -eo stat | grep -c "^Z"';

function javaApp(): string[] {
  const source = join(folder, 'App.java');
  writeFileSync(
    source,
    `public class App {
       static final java.util.List<byte[]> orders = new java.util.ArrayList<>();
       public static void main(String[] a) throws Exception {
         for (int i = 0; i < 20000; i++) orders.add(new byte[1000]);
         System.out.println("ready");
         Thread.sleep(600_000);
       }
     }`,
  );
  execFileSync('javac', ['-d', folder, source]);
  return ['java', '-Xmx128m', '-cp', folder, 'App'];
}

const nodeApp = (options: readonly string[] = []) => [
  process.execPath,
  ...options,
  '-e',
  'globalThis.orders = Array.from({ length: 20000 }, (_, id) => ({ id, name: "order " + id })); console.log("ready"); setInterval(() => {}, 1000);',
];

function hasJava(): boolean {
  try {
    execFileSync('jcmd', ['-h'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.runIf(hasSandbox())('in a container', () => {
  describe.runIf(hasJava())('with a JVM', () => {
    test('a heap dump comes home whole, and nothing stays behind', async () => {
      const { context, target, sh, progress } = await container(javaApp());
      const { detection, outcome } = await run('jvm-heap', context);
      expect(detection).toMatchObject({ tool: 'jcmd', process: { pid: 1, uid: 0 } });
      expect(outcome.artifact?.path).toBe('/tmp/pitstop-abcd1234/heap.hprof');
      expect(progress.length).toBeGreaterThan(0);
      const artifact = await bring(target, outcome.artifact);
      expect(artifact).toMatchObject({ verified: true, format: 'hprof', remoteRemoved: true });
      expect(artifact.path).toMatch(/web-abcd1234\.hprof$/);
      expect(artifact.tables?.[0]?.rows.map(({ name }) => name)).toContain('byte[]');
      // The attach socket is the JVM's own, and stays as after any jcmd.
      await expect
        .poll(() => sh(nothingLeft))
        .toMatch(/^(\.java_pid\d+\n)?(hsperfdata_\w+\n)?0\n0\n$/);
    });

    test('jmap does where jcmd is missing', async () => {
      const { context, target } = await container(javaApp());
      const jvmHeap = findDiagnostic('jvm-heap');
      const outcome = await jvmHeap.run(context, { works: true, tool: 'jmap', detail: '' });
      expect(await bring(target, outcome.artifact)).toMatchObject({ verified: true });
    });

    test('the JVM is found wherever it is, and our tools never are', async () => {
      const { context } = await container(['sh', '-c', `${javaApp().join(' ')} & wait`]);
      const { execUid, processes } = await findProcesses(context.target, context.signal);
      expect(execUid).toBe(0);
      expect(processes.map(({ argv, runtime }) => [argv[0], runtime])).toEqual([
        ['sh', undefined],
        ['java', 'jvm'],
      ]);
      const { detection } = await run('jvm-heap', context);
      expect(detection.process?.pid).toBeGreaterThan(1);
    });

    test('a thread dump is text with locks', async () => {
      const { context, target, sh } = await container(javaApp());
      const { outcome } = await run('jvm-threads', context);
      const artifact = await bring(target, outcome.artifact);
      expect(readFileSync(artifact.path, 'utf8')).toContain('"main" #1');
      expect(readFileSync(artifact.path, 'utf8')).toContain('Locked ownable synchronizers');
      await expect
        .poll(() => sh(nothingLeft))
        .toMatch(/^(\.java_pid\d+\n)?(hsperfdata_\w+\n)?0\n0\n$/);
    });

    test('a JVM that does not handle SIGQUIT is left alone', async () => {
      const [java = '', ...rest] = javaApp();
      const { context } = await container([java, '-Xrs', ...rest]);
      expect(await findDiagnostic('jvm-heap').detect(context)).toMatchObject({
        works: false,
        reason: expect.stringContaining('SIGQUIT'),
      });
    });

    test('a cut stream loses nothing: the dump goes on and is listened to again', async () => {
      const { context, target, server } = await container(javaApp());
      server.faults.match = 'started';
      server.faults.list = [
        { afterBytes: 7, kind: 'cut' },
        { afterBytes: 0, kind: 'truncate' },
      ];
      const { outcome } = await run('jvm-heap', context);
      expect(server.faults.list).toEqual([]);
      expect(await bring(target, outcome.artifact)).toMatchObject({ verified: true });
    });
  });

  describe('with Node', () => {
    test('a heap snapshot comes home whole, and the inspector is closed again', async () => {
      const { context, target, sh } = await container(nodeApp());
      const { detection, outcome } = await run('node-heap', context);
      expect(detection).toMatchObject({ tool: 'inspector', process: { pid: 1 } });
      const artifact = await bring(target, outcome.artifact);
      expect(artifact).toMatchObject({ verified: true, format: 'heapsnapshot' });
      expect(readFileSync(artifact.path, 'utf8')).toContain('order 19999');
      expect(await sh('cat /proc/net/tcp | grep -c " 0A "')).toBe('0\n');
      await expect.poll(() => sh(nothingLeft)).toMatch(/^0\n0\n$/);
    });

    test('an inspector that was open before stays open', async () => {
      const { context, target, sh } = await container(nodeApp(['--inspect=127.0.0.1:9777']));
      const { outcome } = await run('node-heap', context);
      expect(await bring(target, outcome.artifact)).toMatchObject({ verified: true });
      expect(await sh('cat /proc/net/tcp | grep -c " 0A "')).toBe('1\n');
    });

    test('where its inspector cannot be opened, a process started for it is asked by its signal', async () => {
      const { context, target, sh } = await container([
        'sh',
        '-c',
        `cd /tmp && exec "$@"`,
        'sh',
        ...nodeApp(['--disable-sigusr1', '--heapsnapshot-signal=SIGUSR2']),
      ]);
      const { detection, outcome } = await run('node-heap', context);
      expect(detection.tool).toBe('heapsnapshot-signal');
      expect(await bring(target, outcome.artifact)).toMatchObject({ verified: true });
      await expect.poll(() => sh(nothingLeft)).toMatch(/^0\n0\n$/);
    });

    test('--disable-sigusr1 is respected', async () => {
      const { context } = await container(nodeApp(['--disable-sigusr1']));
      expect(await findDiagnostic('node-heap').detect(context)).toMatchObject({ works: false });
    });
  });

  describe('with any command', () => {
    const idle = ['sh', '-c', 'echo ready; exec sleep 600'];

    test('its output is the artifact, its exit code is kept', async () => {
      const { context, target, sh } = await container(idle);
      const command = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
      const { outcome } = await run('command', { ...context, command });
      expect(outcome.exitCode).toBe(3);
      const artifact = await bring(target, outcome.artifact);
      expect(readFileSync(artifact.path, 'utf8')).toBe('out\nerr\n');
      expect(artifact.path).toMatch(/web-abcd1234\.txt$/);
      await expect.poll(() => sh(nothingLeft)).toMatch(/^0\n0\n$/);
    });

    test('@DIR is a directory of its own, and the file made there comes home', async () => {
      const { context, target, sh } = await container(idle);
      const { outcome } = await run('command', {
        ...context,
        command: ['sh', '-c', 'printf 12345 > @DIR/result.bin'],
        collect: ['@DIR/result.bin'],
      });
      const artifact = await bring(target, outcome.artifact);
      expect(readFileSync(artifact.path, 'utf8')).toBe('12345');
      await expect.poll(() => sh(nothingLeft)).toMatch(/^0\n0\n$/);
    });

    test('a file that was there before is not removed', async () => {
      const { context, target, sh } = await container(idle);
      await sh('echo old > /tmp/log.txt');
      const { outcome } = await run('command', {
        ...context,
        command: ['true'],
        collect: ['/tmp/log.txt'],
      });
      expect(await bring(target, outcome.artifact)).toMatchObject({ remoteRemoved: false });
      await expect.poll(() => sh(nothingLeft)).toBe('log.txt\n0\n0\n');
    });

    test('a command that left no file failed, in its own words', async () => {
      const { context, sh } = await container(idle);
      const failing = {
        ...context,
        command: ['sh', '-c', 'echo no luck >&2; exit 1'],
        collect: ['/tmp/x'],
      };
      await expect(run('command', failing)).rejects.toMatchObject({
        code: 'diagnostic-failed',
        message: expect.stringContaining('no luck'),
      });
      await expect.poll(() => sh(nothingLeft)).toMatch(/^0\n0\n$/);
    });

    test.each(['timeout', 'abort'] as const)('%s ends it and cleans up', async (how) => {
      const { context, sh } = await container(idle);
      const ended = new AbortController();
      const long = {
        ...context,
        command: ['sh', '-c', 'echo half > @DIR/half; sleep 300; true'],
        timeoutMs: how === 'timeout' ? 1000 : 60_000,
        signal: ended.signal,
      };
      const begun = async () => (await sh('cat /tmp/pitstop-*/half 2>/dev/null || :')) === 'half\n';
      if (how === 'abort') {
        void until('it is half done', begun).then(() => ended.abort(new Error('Ctrl-C')));
      }
      await expect(run('command', long)).rejects.toMatchObject(
        how === 'timeout' ? { code: 'diagnostic-timeout' } : { message: 'Ctrl-C' },
      );
      const left = () => sh(`${nothingLeft}; ps -eo args | grep -c "[s]leep 300" || :`);
      await expect.poll(left).toBe('0\n0\n0\n');
    });

    test('a restart of the container is told from a failure', async () => {
      const { context, sandbox, server, sh } = await container(idle);
      const status = (restartCount: number) => ({
        metadata: { name: 'web', uid: '1' },
        spec: { containers: [{ name: 'app' }] },
        status: {
          containerStatuses: [{ name: 'app', restartCount, containerID: `x://${restartCount}` }],
        },
      });
      server.pod = status(0);
      const restart = async () => {
        await until('it runs', async () => (await sh('ls /tmp/pitstop-*/pid || :')) !== '');
        server.pod = status(1);
        await sandbox.restart();
        server.cutAll();
      };
      const restarted = restart();
      const command = ['sleep', '300'];
      await expect(run('command', { ...context, command })).rejects.toMatchObject({
        code: 'container-restarted',
      });
      await restarted;
    });
  });

  test('without a shell nothing works, and it is said why', async () => {
    const { context, server } = await container(['sh', '-c', 'echo ready; exec sleep 600']);
    // Removing sh from this machine is not an option: the runtime's answer is what counts.
    const noShell = {
      ...context,
      // As long as any of them takes by itself.
      timeoutMs: 600_000,
      target: { ...context.target, kube: withoutShell(context.target.kube) },
    };
    for (const diagnostic of catalogue) {
      const asked = diagnostic.detect({ ...noShell, command: ['ls'] });
      await expect(asked).rejects.toMatchObject({ code: 'diagnostic-unavailable' });
    }
    expect(server.commands.length).toBeGreaterThan(0);
  });
});

function withoutShell(kube: Target['kube']): Target['kube'] {
  return {
    ...kube,
    execText: (options) => kube.execText({ ...options, command: ['/no/such/sh'] }),
  };
}

test('the catalogue’s names are unique, and an unknown one is answered with all of them', () => {
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
  expect(() => findDiagnostic('nope')).toThrow('there is no diagnostic "nope"');
});

test('checkFile lets any text pass', async () => {
  expect(await checkFile('/dev/null', 'text')).toEqual({ facts: [], tables: [] });
});
