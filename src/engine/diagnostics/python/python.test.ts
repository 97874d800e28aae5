import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startExecServer } from '../../../../test/support/exec-server.ts';
import { hasSandbox, startSandbox } from '../../../../test/support/sandbox.ts';
import { hasTools } from '../../../../test/support/tools.ts';
import { connect } from '../../../kube/index.ts';
import type { ContainerProcess } from '../../container/processes.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import { whyClosed } from './find-python.ts';
import { pythonRecording, pythonStacks, recordWords, stackWords } from './py-spy.ts';

// py-spy is not here: what it is told is looked at, what it then does is not.

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(process.cwd(), 'node_modules', '.python-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function container(argv: readonly string[], within: readonly string[] = []) {
  const sandbox = await startSandbox(argv);
  const server = await startExecServer({ prefix: [...sandbox.prefix, ...within] });
  const kube = await connect({ kubeconfig: server.kubeconfig });
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await sandbox[Symbol.asyncDispose]();
  });
  const context: DiagnosticContext = {
    target: { kube, namespace: 'shop', pod: 'web', container: 'app' },
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    onProgress: () => {},
  };
  return context;
}

/** A Python with a file called py-spy beside it, which is only to be found. */
function virtualEnvironment(name: string): string {
  const bin = join(folder, name, 'bin');
  mkdirSync(bin, { recursive: true });
  // What is called python3 may be a script that looks for one.
  const tell = 'import sys; print(sys.executable)';
  const python = execFileSync('python3', ['-c', tell], { encoding: 'utf8' }).trim();
  symlinkSync(python, join(bin, 'python'));
  writeFileSync(join(bin, 'py-spy'), '', { mode: 0o755 });
  return join(bin, 'python');
}

const app = 'print("ready", flush=True)\nimport time\ntime.sleep(600)';

describe.runIf(hasSandbox() && hasTools('python3'))('a Python process', () => {
  test.runIf(!hasTools('py-spy'))(
    'without py-spy is found, and what is missing is said',
    async () => {
      const context = await container(['python3', '-c', app]);
      expect(await pythonStacks.detect(context)).toEqual({
        works: false,
        reason: expect.stringContaining('Python runs (pid 1), but py-spy is neither'),
        mayWorkAside: 'own-image',
      });
    },
  );

  test('has its py-spy in its virtual environment', async () => {
    const context = await container([virtualEnvironment('open'), '-c', app]);
    expect(await pythonRecording.detect(context)).toMatchObject({
      works: true,
      tool: 'py-spy',
      process: { pid: 1 },
    });
  });

  test('whose memory is closed to us is not tried, and it is said what would open it', async () => {
    const context = await container(
      [virtualEnvironment('closed'), '-c', app],
      // As most containers are: without CAP_SYS_PTRACE, which a process with more of them is closed to.
      ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--reuid=0'],
    );
    expect(await pythonStacks.detect(context)).toEqual({
      works: false,
      reason: expect.stringMatching(/memory is closed to py-spy; capability SYS_PTRACE/),
      mayWorkAside: 'own-image',
      helper: { traces: true },
    });
  });
});

test('why the memory of a process is closed, and what would open it', () => {
  const process = { pid: 7, uid: 1000 } as ContainerProcess;
  expect(whyClosed(process, { execUid: 0, ptraceScope: 3 })).toContain('ptrace_scope is 3');
  expect(whyClosed(process, { execUid: 33, ptraceScope: 0 })).toContain('exec runs as uid 33');
  expect(whyClosed(process, { execUid: 1000, ptraceScope: 1 })).toMatch(/is 1; .*SYS_PTRACE/);
  expect(whyClosed(process, { execUid: 1000, ptraceScope: 0 })).toContain('SYS_PTRACE');
});

test('what py-spy is told', () => {
  expect(stackWords(7, {})).toEqual(['dump', '--pid', '7']);
  expect(stackWords(7, { locals: true, nonblocking: true })).toEqual([
    'dump',
    '--pid',
    '7',
    '--locals',
    '--nonblocking',
  ]);
  expect(recordWords(7, 30, {}).join(' ')).toBe(
    'record --pid 7 --duration 30 --rate 100 --format speedscope',
  );
  expect(recordWords(7, 5, { rate: 250, format: 'flamegraph', gil: true }).join(' ')).toBe(
    'record --pid 7 --duration 5 --rate 250 --format flamegraph --gil',
  );
  expect(() => pythonRecording.checkOptions?.(['--format=pdf'])).toThrow(
    '--format=speedscope|flamegraph|raw|chrometrace',
  );
});
