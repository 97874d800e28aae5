import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;

/** What oxlint says, under this repository's rules, of a file planted at `path`. */
async function lintPlanted(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-borders-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await copyFile(join(root, '.oxlintrc.json'), join(directory, '.oxlintrc.json'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=unix'],
      { cwd: directory },
      (_error, stdout) => resolve(stdout),
    );
  });
}

const use = (name: string, from: string): string =>
  `import { ${name} } from '${from}';\nexport const planted = ${name};\n`;

it.each([
  ['kube must not know engine', 'src/kube/planted.ts', use('decide', '../engine/index.ts')],
  [
    'engine must not know the cluster',
    'src/engine/planted.ts',
    use('Cluster', '../cluster/index.ts'),
  ],
  [
    'engine enters kube by its border',
    'src/engine/steps/planted.ts',
    use('connect', '../../kube/connect.ts'),
  ],
  [
    'only kube speaks Kubernetes',
    'src/engine/planted.ts',
    use('KubeConfig', '@kubernetes/client-node'),
  ],
  [
    'the cluster imports nothing of ours',
    'src/cluster/kubelet/planted.ts',
    use('connect', '../../kube/index.ts'),
  ],
  [
    'cli enters engine by its border',
    'src/cli/commands/planted.ts',
    use('reduce', '../../engine/session/reduce.ts'),
  ],
  [
    'cli enters cluster by its border',
    'src/cli/commands/planted.ts',
    use('start', '../../cluster/launch/cluster.ts'),
  ],
])('catches a planted violation: %s', async (_rule, path, text) => {
  expect(await lintPlanted({ [path]: text })).toContain('no-restricted-imports');
});

it('catches a planted cycle', async () => {
  const output = await lintPlanted({
    'src/engine/one.ts': `import { two } from './two.ts';\nexport const one = (): unknown => two;\n`,
    'src/engine/two.ts': `import { one } from './one.ts';\nexport const two = (): unknown => one;\n`,
  });
  expect(output).toContain('no-cycle');
});

it('says nothing about imports that follow the arrows', async () => {
  const output = await lintPlanted({
    'src/kube/index.ts': 'export const connect = (): number => 1;\n',
    'src/engine/index.ts': use('connect', '../kube/index.ts'),
    'src/cli/commands/run.ts': use('planted', '../../engine/index.ts').replace(
      'const planted',
      'const run',
    ),
  });
  expect(output).not.toMatch(/no-restricted-imports|no-cycle/);
});
