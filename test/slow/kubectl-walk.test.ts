import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';
import { kubectlOf, VERSIONS } from '../kubectl-versions/install.ts';
import { findKubectls } from '../support/kubectl.ts';
import { accessAndNodes } from './walk/access-and-nodes.ts';
import { inContainers } from './walk/in-containers.ts';
import { lookingAround } from './walk/looking-around.ts';
import { reading } from './walk/reading.ts';
import { rollingOut } from './walk/rolling-out.ts';
import type { Step } from './walk/step.ts';
import { tidyingUp } from './walk/tidying-up.ts';
import { writing } from './walk/writing.ts';

const oldest = '1.27';
const steps = [
  ...lookingAround,
  ...writing,
  ...reading,
  ...rollingOut,
  ...inContainers,
  ...accessAndNodes,
  ...tidyingUp,
];

interface Surprise {
  readonly line: string;
  readonly code: number;
  readonly output: string;
  readonly expected: string;
}

/** Only mistakes of ours or of the table: what has surprised. */
async function walk(version: string, binary: string): Promise<readonly Surprise[]> {
  await using given = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-walk-'));
  given.defer(() => rm(directory, { recursive: true, force: true }));
  const cluster = given.use(
    await Cluster.start({
      name: `walk-${version.replace('.', '-')}`,
      directory: join(directory, 'cluster'),
    }),
  );
  const programs = join(directory, 'bin');
  await mkdir(programs);
  await symlink(binary, join(programs, 'kubectl'));
  const env = {
    ...process.env,
    PATH: `${programs}:${process.env['PATH']}`,
    KUBECONFIG: cluster.kubeconfigPath,
    HOME: directory,
    T: directory,
  };
  const surprises: Surprise[] = [];
  for (const step of steps) {
    if (step.since && Number(step.since.slice(2)) > Number(version.slice(2))) continue;
    const { code, output } = await type(step, env);
    const shows =
      typeof step.shows === 'string' ? output.includes(step.shows) : step.shows.test(output);
    if (code === step.code && shows) continue;
    const expected = `${step.code}: ${String(step.shows)}`;
    surprises.push({ line: step.line, code, output: output.slice(0, 2_000), expected });
  }
  return surprises;
}

function type({ line }: Step, env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      'bash',
      ['-c', `set -o pipefail; { ${line}; } 2>&1`],
      {
        cwd: join(import.meta.dirname, 'walk', 'manifests'),
        env,
        timeout: 70_000,
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout) => {
        const code = (error as { code?: unknown } | null)?.code;
        resolve({ code: error ? Number(code ?? 1) || 1 : 0, output: stdout });
      },
    );
    child.stdin?.end();
  });
}

describe.concurrent(`${steps.length} lines a person types`, () => {
  it.each(VERSIONS)('kubectl %s', async (version) => {
    expect(await walk(version, kubectlOf(version))).toEqual([]);
  });

  const installed = findKubectls().get(oldest);
  it.skipIf(!installed)(
    `kubectl ${oldest}${installed ? '' : ': no kubectl.1.27 beside the kubectl of this machine'}`,
    async () => {
      expect(await walk(oldest, installed ?? '')).toEqual([]);
    },
  );
});
