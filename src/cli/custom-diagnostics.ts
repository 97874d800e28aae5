import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readDiagnosticsFile, type CustomDiagnostic } from '../engine/index.ts';
import type { Io } from './io.ts';

interface DiagnosticsFileFlags {
  readonly diagnosticsFile?: readonly string[];
  readonly customDiagnostics?: readonly CustomDiagnostic[] | undefined;
}

/**
 * The flags with the user's own diagnostics: of the files that they name, else of
 * `$XDG_CONFIG_HOME/pitstop/diagnostics.yaml` (`~/.config/…`) where there is one.
 */
export async function withCustomDiagnostics<T extends DiagnosticsFileFlags>(
  io: Io,
  flags: T,
): Promise<T> {
  const files = flags.diagnosticsFile ?? (await usualFile(io));
  const read = await Promise.all(files.map((file) => readDiagnosticsFile(file)));
  const customDiagnostics = read.flat();
  return customDiagnostics.length > 0 ? { ...flags, customDiagnostics } : flags;
}

async function usualFile({ env }: Io): Promise<readonly string[]> {
  const { XDG_CONFIG_HOME: configured, HOME: home = homedir() } = env;
  // XDG Base Directory: a relative path there is invalid, and to be ignored.
  const folder = configured?.startsWith('/') ? configured : join(home, '.config');
  const file = join(folder, 'pitstop', 'diagnostics.yaml');
  return await access(file).then(
    () => [file],
    () => [],
  );
}
