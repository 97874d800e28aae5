import { isDeepStrictEqual } from 'node:util';
import type { Strategy } from './strategy.ts';

/** Annotations count too: the revision annotation must reach the controller as a new generation. */
export const deploymentStrategy: Strategy = {
  initialStatus: () => ({}),
  prepareForUpdate(draft, previous, { subresource }) {
    if (subresource !== 'status') return;
    const { labels } = previous.metadata;
    if (labels) draft.metadata.labels = labels;
    else delete draft.metadata.labels;
  },
  isNewGeneration: (draft, previous) =>
    !isDeepStrictEqual(draft.spec, previous.spec) ||
    !isDeepStrictEqual(draft.metadata.annotations, previous.metadata.annotations),
};

/** A slice has no spec: everything but metadata counts, and the labels that bind it to a Service. */
export const endpointSliceStrategy: Strategy = {
  isNewGeneration: (draft, previous) =>
    !isDeepStrictEqual(draft.metadata.labels, previous.metadata.labels) ||
    !isDeepStrictEqual({ ...draft, metadata: undefined }, { ...previous, metadata: undefined }),
};

export const disruptionBudgetStrategy: Strategy = {
  initialStatus: () => ({
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  }),
};
