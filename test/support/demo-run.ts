import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

interface Place {
  readonly work: string;
  readonly temporary: string;
  readonly state: string;
  /** In the environment of everything that the demo starts. */
  readonly mark: string;
}

export async function makePlace(): Promise<Place> {
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
export async function finished(run: ReturnType<typeof runDemo>, exitCode: number) {
  const { code, stdout, stderr } = await run.done;
  if (code !== exitCode) throw new Error(`exit code ${code}, not ${exitCode}:\n${stderr}`);
  return { stdout, stderr };
}

export function runDemo({ work, temporary, state, mark }: Place, flags: readonly string[]) {
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

export async function expectNothingLeft({ temporary, state, mark }: Place): Promise<void> {
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
