/** What `--color` makes of the environment that decides about colours; undefined = to be removed. */
export function colorEnvironment(
  words: readonly string[],
): Readonly<Record<string, string | undefined>> {
  const own = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined);
  const at = own.findLastIndex((word) => word === '--color' || word.startsWith('--color='));
  const when = own[at]?.startsWith('--color=') ? own[at].slice('--color='.length) : own[at + 1];
  if (at === -1) return {};
  // no-color.org and force-color.org: either is in force by being there.
  if (when === 'always') return { FORCE_COLOR: '1', NO_COLOR: undefined };
  if (when === 'never') return { NO_COLOR: '1', FORCE_COLOR: undefined };
  return {};
}
