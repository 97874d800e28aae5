import { execFile } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `kubectl` on the PATH, and the versioned ones (`kubectl.1.29`) that lie beside it, by version. */
export function findKubectls(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, 'kubectl');
    if (!existsSync(path)) continue;
    found.set('PATH', path);
    const real = dirname(realpathSync(path));
    for (const name of readdirSync(real)) {
      const version = /^kubectl\.(\d+\.\d+)$/.exec(name)?.[1];
      if (version) found.set(version, join(real, name));
    }
    break;
  }
  return found;
}

/** Runs kubectl against one kubeconfig; never rejects for an exit code. */
export function kubectl(
  kubeconfig: string,
  args: readonly string[],
  options: {
    readonly binary?: string;
    readonly input?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
  } = {},
): Promise<KubectlResult> {
  return new Promise((resolve) => {
    const child = execFile(
      options.binary ?? 'kubectl',
      [...args],
      {
        env: { ...process.env, KUBECONFIG: kubeconfig, ...options.env },
        cwd: options.cwd,
        maxBuffer: 64 * 1024 * 1024,
        timeout: 170_000,
      },
      (error, stdout, stderr) => {
        resolve({
          code: error ? Number((error as { code?: unknown }).code ?? 1) || 1 : 0,
          stdout,
          stderr,
        });
      },
    );
    child.stdin?.end(options.input ?? '');
  });
}
