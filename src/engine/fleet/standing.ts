/** A session whose record a Pod of the target carries. */
export interface SessionOut {
  readonly id: string;
  readonly pod: string;
  readonly startedAt: string;
  /** On its way home already: it makes room. */
  readonly isReturning: boolean;
}

export type Standing =
  | { readonly kind: 'within' }
  /** Enough of the others came later, and see as much: they go home. */
  | { readonly kind: 'waits'; readonly others: readonly SessionOut[] }
  | { readonly kind: 'beyond'; readonly others: readonly SessionOut[] };

/**
 * Whether the session `mine` may stay out beside those that are out with it. Whoever looks after its
 * own write and finds no more than `maxOut` has them all: of those that are out at once the last to
 * write sees the others, and no two of them can both take themselves for the first.
 */
export function standing(
  out: readonly SessionOut[],
  mine: string,
  { maxOut }: { readonly maxOut: number },
): Standing {
  const rivals = out
    .filter(({ id, isReturning }) => id === mine || !isReturning)
    .toSorted((a, b) => rankOf(a).localeCompare(rankOf(b)));
  if (rivals.length <= maxOut) return { kind: 'within' };
  const others = rivals.filter(({ id }) => id !== mine);
  const rank = rivals.findIndex(({ id }) => id === mine);
  return { kind: rank < maxOut ? 'waits' : 'beyond', others };
}

function rankOf({ startedAt, id }: SessionOut): string {
  return `${startedAt} ${id}`;
}
