import type { RouteName } from './plan.ts';
import type { PlanEntry } from './entries.ts';
import type { Owner } from './read-owner.ts';

/** What is so from the isolating write on, if everything that could undo it dies at once. */
export function ifCrashed(
  route: RouteName,
  owner: Owner | undefined,
  entries: readonly PlanEntry[],
): string {
  const also =
    entries.length > 0 && route !== 'none' ? '; entries that were taken out stay out' : '';
  return `${afterRoute(route, owner, entries)}${also}`;
}

function afterRoute(
  route: RouteName,
  owner: Owner | undefined,
  entries: readonly PlanEntry[],
): string {
  switch (route) {
    case 'none':
      return entries.length > 0
        ? 'the entries that were taken out stay out'
        : 'the Pod goes on as before, with an undo record on it';
    case 'label':
      return `the Pod stays out${owner ? ', still owned' : ''}; nothing else moves`;
    case 'gate':
      return 'the Pod stays out and unready: the first to go in a scale-down';
    case 'release':
      return owner?.kind === 'StatefulSet'
        ? 'the Pod stays out; its StatefulSet waits for it, with every later ordinal'
        : 'the Pod stays out, and one more runs in its place: the Services are at full strength';
    case 'selector':
      return 'the Pod stays out, and the Services stay as they are: no Pod joins or leaves them any more';
  }
}
