import type { Job } from 'kubernetes-types/batch/v1.js';
import { parseIndexes } from './indexes.ts';

/** KEP-3998: the message of the first rule that the succeeded indexes satisfy. */
export function matchSuccessPolicy(
  { spec }: Job,
  succeeded: ReadonlySet<number>,
): string | undefined {
  if (succeeded.size === 0) return undefined;
  const index = (spec?.successPolicy?.rules ?? []).findIndex(
    ({ succeededIndexes, succeededCount }) => {
      if (succeededIndexes === undefined) return succeeded.size >= (succeededCount ?? Infinity);
      const required = parseIndexes(succeededIndexes, spec?.completions);
      const reached = [...required].filter((each) => succeeded.has(each)).length;
      return reached >= (succeededCount ?? required.size);
    },
  );
  return index < 0 ? undefined : `Matched rules at index ${index}`;
}
