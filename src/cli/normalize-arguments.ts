/** Long flags that need no value; kubectl (pflag) accepts `--flag=true` and `--flag=false` for them. */
const booleanFlags = new Set([
  'insecure-skip-tls-verify',
  'keep-remote',
  'all',
  'expired',
  'detach',
  'keep',
  'keep-going',
  'watch',
  'all-namespaces',
  'by-hand',
  'no-headers',
  'apply',
  'clean',
  'diff',
  'files',
  'fix',
  'gate',
  'patch',
  'print-rbac',
  'print-role',
  'verbose',
  'yes',
]);

export interface NormalizedArguments {
  /** What commander parses. */
  readonly args: readonly string[];
  /** Everything after the first `--`; undefined without one. */
  readonly command: readonly string[] | undefined;
}

/**
 * Irons out where kubectl's flag syntax (pflag) and commander's differ: a bare `--dry-run` never
 * eats the next word, booleans take `=true`, verbosity takes a level, and a command may follow `--`.
 */
export function normalizeArguments(words: readonly string[]): NormalizedArguments {
  const dashes = words.indexOf('--');
  const own = dashes === -1 ? words : words.slice(0, dashes);
  return {
    args: own.flatMap(normalizeWord),
    command: dashes === -1 ? undefined : words.slice(dashes + 1),
  };
}

function normalizeWord(word: string): string[] {
  if (word === '--dry-run') return ['--dry-run=client'];
  if (/^(?:-v=?\d+|--v=\d+)$/.test(word)) return ['-v'];
  const [, name, value] = /^--([a-z-]+)=(true|false)$/.exec(word) ?? [];
  if (name !== undefined && booleanFlags.has(name)) return value === 'true' ? [`--${name}`] : [];
  return [word];
}
