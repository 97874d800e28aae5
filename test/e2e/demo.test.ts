import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DemoSession } from '../../src/cli/demo/demo-report.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const demoTimeoutMs = 180_000;

describe('kubectl pitstop demo', { timeout: demoTimeoutMs }, () => {
  test('dumps the heap of a JVM while nobody notices, and leaves nothing running', async () => {
    const place = await makePlace();
    const { stdout } = await finished(runDemo(place, ['--runtime=jvm', '-o', 'json']), 0);

    const session = JSON.parse(stdout) as DemoSession;
    expect(session).toMatchObject({
      apiVersion: 'pitstop.dev/v1alpha1',
      kind: 'Session',
      metadata: { namespace: 'my-namespace' },
      status: { phase: 'Succeeded', podOut: false },
    });
    const { traffic, runtime } = session.status.demo;
    expect(runtime).toBe('jvm');
    expect(traffic).toMatchObject({ failed: 0, toPodDuringStop: 0 });
    expect(traffic.toPodBefore).toBeGreaterThan(0);
    expect(traffic.toPodAfter).toBeGreaterThan(0);
    expect(traffic.requests).toBeGreaterThan(500);

    const { artifact } = session.status;
    expect(artifact).toMatchObject({ verified: true, format: 'hprof' });
    const path = artifact?.path ?? '';
    expect(path.startsWith(join(place.work, 'pitstop-artifacts'))).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(path)).size).toBe(artifact?.sizeBytes);
    expect(await hashOf(path)).toBe(artifact?.sha256);
    expect(await firstBytes(path, 18)).toBe('JAVA PROFILE 1.0.2');
    await expectNothingLeft(place);
  });

  test.each(['namespaces', 'loopback'])('does the same with Node.js at level %s', async (level) => {
    const place = await makePlace();
    const flags = ['--runtime=node', `--level=${level}`, '-ojson'];
    const { stdout } = await finished(runDemo(place, flags), 0);
    const { status } = JSON.parse(stdout) as DemoSession;
    expect(status.demo).toMatchObject({
      runtime: 'node',
      traffic: { failed: 0, toPodDuringStop: 0 },
    });
    expect(status.artifact).toMatchObject({ verified: true, format: 'heapsnapshot' });
    await expectNothingLeft(place);
  });

  test.each([
    { what: 'Ctrl-C', signals: ['SIGINT'] },
    // The kernel hangs up once for the terminal and once for its shell.
    { what: 'a terminal that closes', signals: ['SIGHUP', 'SIGHUP'] },
  ] as const)('puts the Pod back and stops everything on $what', async ({ signals }) => {
    const place = await makePlace();
    const run = runDemo(place, ['--progress=json', '-o', 'json']);
    await run.seen('"type":"step-started","step":"diagnose"');
    for (const signal of signals) run.kill(signal);
    const { stdout } = await finished(run, 130);
    const session = JSON.parse(stdout) as DemoSession;
    expect(session.status).toMatchObject({ phase: 'Interrupted', podOut: false });
    expect(session.status.demo.traffic.failed).toBe(0);
    await expectNothingLeft(place);
  });

  test('shows by hand that the removed Pod goes on getting about half of the traffic', async () => {
    const place = await makePlace();
    const { stdout, stderr } = await finished(runDemo(place, ['--by-hand', '-o', 'json']), 0);
    expect(stderr).toContain('$ kubectl edit endpoints -n my-namespace my-svc');
    const { byHand, traffic } = (JSON.parse(stdout) as DemoSession).status.demo;
    const share = (byHand?.toRemovedPod ?? 0) / (byHand?.requests ?? 1);
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.7);
    expect(traffic).toMatchObject({ failed: 0, toPodDuringStop: 0 });
    await expectNothingLeft(place);
  });
});

interface Place {
  readonly work: string;
  readonly temporary: string;
  readonly state: string;
  /** In the environment of everything that the demo starts. */
  readonly mark: string;
}

async function makePlace(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'pitstop-e2e-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const place = {
    work: join(root, 'work'),
    temporary: join(root, 'tmp'),
    state: join(root, 'state'),
    mark: randomUUID(),
  };
  for (const folder of [place.work, place.temporary, place.state]) await mkdir(folder);
  return place;
}

/** What it printed; its stderr says why when it ends with another exit code. */
async function finished(run: ReturnType<typeof runDemo>, exitCode: number) {
  const { code, stdout, stderr } = await run.done;
  if (code !== exitCode) throw new Error(`exit code ${code}, not ${exitCode}:\n${stderr}`);
  return { stdout, stderr };
}

function runDemo({ work, temporary, state, mark }: Place, flags: readonly string[]) {
  const child = spawn(process.execPath, [main, 'demo', ...flags], {
    cwd: work,
    env: { ...process.env, TMPDIR: temporary, XDG_STATE_HOME: state, PITSTOP_TEST_MARK: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const seen = (needle: string): Promise<void> =>
    new Promise((resolve, reject) => {
      let so = '';
      child.stderr.on('data', (chunk: Buffer) => {
        so += chunk.toString();
        if (so.includes(needle)) resolve();
      });
      child.on('close', () => reject(new Error(`ended before ${needle}:\n${so}`)));
    });
  const done = exited.then(async (code) => {
    const [stdout, stderr] = await output;
    return { code, stdout, stderr };
  });
  return { done, seen, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

async function expectNothingLeft({ temporary, state, mark }: Place): Promise<void> {
  expect(await markedProcesses(mark)).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
  const clusters = await readdir(join(state, 'pitstop', 'clusters')).catch(() => []);
  expect(clusters).toEqual([]);
}

async function markedProcesses(mark: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const marked: string[] = [];
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(mark)) {
      marked.push(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => pid));
    }
  }
  return marked;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function firstBytes(path: string, length: number): Promise<string> {
  return (await createReadStream(path, { end: length - 1 }).toArray()).join('');
}
