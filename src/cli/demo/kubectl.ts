import { spawn } from 'node:child_process';
import { UsageError } from '../usage-error.ts';
import { findExecutable } from '../find-executable.ts';

interface KubectlResult {
  readonly exitCode: number | null;
  /** stdout and stderr as they came. */
  readonly output: string;
}

/** Runs the real kubectl against one kubeconfig; answers whatever it exits with. */
export type Kubectl = (
  args: readonly string[],
  options: { readonly signal: AbortSignal; readonly editor?: string },
) => Promise<KubectlResult>;

export async function openKubectl(
  env: Readonly<Record<string, string | undefined>>,
  kubeconfigPath: string,
): Promise<Kubectl> {
  const path = await requireKubectl(env);
  return async (args, { signal, editor }) => {
    const { promise, resolve, reject } = Promise.withResolvers<KubectlResult>();
    const child = spawn(path, [...args], {
      env: {
        ...env,
        KUBECONFIG: kubeconfigPath,
        ...(editor !== undefined && { KUBE_EDITOR: editor }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output }));
    return await promise;
  };
}

/** Throws UsageError when there is none: the recipe by hand is made of it. */
export async function requireKubectl(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const path = await findExecutable('kubectl', env);
  if (path !== undefined) return path;
  throw new UsageError(
    '--by-hand needs kubectl, and there is none on the PATH',
    'the demo without --by-hand needs nothing: kubectl pitstop demo',
  );
}
