import { spawn } from 'node:child_process';

/**
 * Runs `ip` commands (`link add …`) in one process, in the network namespace of `pid` or in ours.
 * Rejects with what `ip` said about the first command that failed; the ones before it stay done.
 */
export async function ip(
  commands: readonly string[],
  options: { readonly pid?: number } = {},
): Promise<void> {
  const [file, args] =
    options.pid === undefined
      ? ['ip', ['-batch', '-']]
      : ['nsenter', ['--target', String(options.pid), '--net', 'ip', '-batch', '-']];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.on('error', reject);
  child.on('close', (code, signal) => {
    if (code === 0) resolve();
    else reject(new Error(`${describe(commands, stderr)}: ${stderr.trim() || (signal ?? code)}`));
  });
  // When nsenter fails, nobody reads: its exit code tells more than the broken pipe.
  child.stdin.on('error', () => {});
  child.stdin.end(commands.join('\n') + '\n');
  await promise;
}

function describe(commands: readonly string[], stderr: string): string {
  const line = /Command failed -:(\d+)/.exec(stderr)?.[1];
  return `ip ${line === undefined ? commands.join('; ') : commands[Number(line) - 1]}`;
}
