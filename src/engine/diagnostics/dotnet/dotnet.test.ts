import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startExecServer } from '../../../../test/support/exec-server.ts';
import { hasSandbox, startSandbox } from '../../../../test/support/sandbox.ts';
import { hasTools } from '../../../../test/support/tools.ts';
import { connect } from '../../../kube/index.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import { dotnetDump } from './dump.ts';
import { speakerNames } from './speakers.ts';
import { dotnetGcdump } from './tools.ts';

// What answers on the socket speaks the documented bytes, no more; a runtime is asked in test/matrix.
const server = `
import mmap, os, socket, struct, sys
with open(sys.argv[1] + '/libcoreclr.so') as f: runtime = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
path = '/tmp/dotnet-diagnostic-%d-4711-socket' % os.getpid()
s = socket.socket(socket.AF_UNIX); s.bind(path); s.listen(5)
print('ready', flush=True)
while True:
    c, _ = s.accept()
    head = c.recv(20, socket.MSG_WAITALL)
    magic, size, which, command, reserved = struct.unpack('<14sHBBH', head)
    body = c.recv(size - 20, socket.MSG_WAITALL)
    length = struct.unpack('<I', body[:4])[0]
    name = body[4:4 + 2 * length].decode('utf-16-le').rstrip('\\0')
    kind, log = struct.unpack('<II', body[4 + 2 * length:])
    def say(answer, code): c.sendall(struct.pack('<14sHBBHI', magic, 24, 0xff, answer, 0, code))
    if magic != b'DOTNET_IPC_V1\\0' or (which, command, log) != (1, 1, 0): say(0xff, 0x80131385)
    elif kind == 1: say(0xff, 0x80004005)
    elif kind == 3:
        # Whole, but its writer was reaped by another: then cut, as if it had been killed.
        head = b'\\x7fELF' + bytes(28) + struct.pack('<QQIHHH', 64, 0, 0, 64, 56, 1) + bytes(6)
        core = head + struct.pack('<IIQQQQQQ', 1, 4, 120, 0, 0, 8, 8, 1) + b'8 bytes.'
        with open(name, 'wb') as f: f.write(core[:-3] if os.path.exists('/tmp/cut') else core)
        open('/tmp/cut', 'w').close()
        say(0xff, 0x80004005)
    else:
        with open(name, 'wb') as f: f.write(b'\\x7fELF dump of kind %d' % kind)
        say(0, 0)
    c.close()
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(process.cwd(), 'node_modules', '.dotnet-'));
  writeFileSync(join(folder, 'server.py'), server);
  for (const [name, mode] of [
    ['whole', 0o755],
    ['fixed', 0o644],
  ] as const) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'libcoreclr.so'), 'a runtime');
    writeFileSync(join(folder, name, 'createdump'), '');
    chmodSync(join(folder, name, 'createdump'), mode);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function container(argv: readonly string[]) {
  const sandbox = await startSandbox(argv);

  const exec = await startExecServer({ prefix: sandbox.prefix });
  const kube = await connect({ kubeconfig: exec.kubeconfig });
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    await exec[Symbol.asyncDispose]();
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
  const sh = async (script: string) =>
    (await kube.execText({ ...target, command: ['sh', '-c', script] })).stdout;
  return { context, sh };
}

const runtime = (name = 'whole') => ['python3', join(folder, 'server.py'), join(folder, name)];

const canRun = hasSandbox() && hasTools('python3', 'perl');

describe.runIf(canRun)('a diagnostic socket', () => {
  test('is asked for a dump, which the process itself writes', async () => {
    const { context, sh } = await container(runtime());
    const detection = await dotnetDump.detect(context);
    expect(detection).toMatchObject({
      works: true,
      tool: `socket by ${speakerNames.find((name) => hasTools(name))}`,
      process: { pid: 1 },
    });
    if (!detection.works) return;
    const asked = { ...context, extraArgs: ['--type=full'] };
    const { artifact } = await dotnetDump.run(asked, detection);
    expect(artifact).toMatchObject({
      path: expect.stringMatching(/\/pitstop-[0-9a-f]{8}\/dotnet\.core$/),
      format: 'core',
      extension: '.core',
    });
    expect(await sh(`cat ${artifact?.path}; ls $(dirname ${artifact?.path})`)).toBe(
      '\u007fELF dump of kind 4dotnet.core\n',
    );
  });

  test('that says no leaves nothing behind, and its words are told', async () => {
    const { context, sh } = await container(runtime());
    const asked = { ...context, extraArgs: ['--type=mini'] };
    await expect(
      dotnetDump.run(asked, { works: true, tool: '', detail: '' }),
    ).rejects.toMatchObject({
      code: 'diagnostic-failed',
      message: expect.stringMatching(/createdump failed; [^;]* \(0x80004005\)$/),
    });
    expect(
      await sh(`ls -d /*/pitstop-${context.sessionId} /*/*/pitstop-${context.sessionId}`),
    ).toBe('');
  });

  test('that calls a whole dump failed is not believed, but for one that is cut', async () => {
    const { context, sh } = await container(runtime());
    const asked = { ...context, extraArgs: ['--type=triage'] };
    const detection = { works: true, tool: '', detail: '' } as const;
    const { artifact } = await dotnetDump.run(asked, detection);
    expect(artifact).toMatchObject({ format: 'core', sizeBytes: 128 });
    await sh(`rm -r $(dirname ${artifact?.path})`);
    await expect(dotnetDump.run(asked, detection)).rejects.toThrow('createdump failed');
  });

  test('is not asked where the runtime could not start what writes its dumps', async () => {
    const { context } = await container(runtime('fixed'));
    expect(await dotnetDump.detect(context)).toEqual({
      works: false,
      reason: expect.stringContaining(`${folder}/fixed/createdump may not be executed`),
    });
    rmSync(join(folder, 'fixed', 'createdump'));
    expect(await dotnetDump.detect(context)).toMatchObject({
      reason: expect.stringContaining(`${folder}/fixed/createdump is not there`),
    });
  });

  test('is not enough for what its tools do', async () => {
    const { context } = await container(runtime());
    expect(await dotnetGcdump.detect(context)).toEqual({
      works: false,
      reason: expect.stringContaining('dotnet-gcdump is not in the container'),
      mayWorkAside: 'own-image',
    });
  });
});

test.runIf(hasSandbox())('what has no diagnostic socket is no .NET', async () => {
  const { context } = await container(['sh', '-c', 'echo ready; exec sleep 600']);
  expect(await dotnetDump.detect(context)).toEqual({
    works: false,
    reason: 'no .NET runs in the container',
  });
});

test('a type of dump that there is not is refused', () => {
  expect(() => dotnetDump.checkOptions?.(['--type=all'])).toThrow('--type=heap|full|mini|triage');
});
