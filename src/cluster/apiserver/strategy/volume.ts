import { isDeepStrictEqual } from 'node:util';
import { timestamp } from '../pipeline/context.ts';
import type { Strategy } from './strategy.ts';

/** KEP-3762: a volume tells since when it is in its phase. */
export const volumeStrategy: Strategy = {
  initialStatus: () => ({ phase: 'Pending', lastPhaseTransitionTime: timestamp(new Date()) }),
  prepareForUpdate(draft, previous, { subresource, now }) {
    if (subresource !== 'status') return;
    if (isDeepStrictEqual(draft.status?.['phase'], previous.status?.['phase'])) return;
    draft.status = { ...draft.status, lastPhaseTransitionTime: timestamp(now()) };
  },
};
