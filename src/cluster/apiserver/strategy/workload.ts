import { isDeepStrictEqual } from 'node:util';
import type { Draft, Strategy } from './strategy.ts';

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

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** The template's generation was a field once; the annotation is what is left of it. */
export const daemonSetStrategy: Strategy = {
  initialStatus: () => ({
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  }),
  prepareForCreate(draft) {
    annotate(draft, 1);
  },
  prepareForUpdate(draft, previous, { subresource }) {
    if (subresource !== undefined) return;
    const before = Number(previous.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
    const isSame = isDeepStrictEqual(draft.spec?.['template'], previous.spec?.['template']);
    annotate(draft, isSame ? before : before + 1);
  },
};

function annotate({ metadata }: Draft, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

interface Template {
  readonly metadata?: { readonly labels?: Record<string, string> };
}

interface Selector {
  readonly matchLabels?: Record<string, string>;
}

/** A Job selects its Pods by its own uid unless it says `manualSelector`. */
export const jobStrategy: Strategy = {
  initialStatus: () => ({}),
  prepareForCreate(draft) {
    if (draft.spec?.['manualSelector'] === true) return;
    const { uid = '', name = '' } = draft.metadata;
    const template = (draft.spec?.['template'] ?? {}) as Template;
    // What the client says stands, and is refused when it is not this.
    const labels = {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': name,
      'controller-uid': uid,
      'job-name': name,
      ...template.metadata?.labels,
    };
    draft.metadata.labels ??= labels;
    const selector = (draft.spec?.['selector'] ?? {}) as Selector;
    draft.spec = {
      ...draft.spec,
      selector: {
        ...selector,
        matchLabels: { 'batch.kubernetes.io/controller-uid': uid, ...selector.matchLabels },
      },
      template: { ...template, metadata: { ...template.metadata, labels } },
    };
  },
};

export const cronJobStrategy: Strategy = { initialStatus: () => ({}) };

/** A PodTemplate has a template where others have a spec. */
export const podTemplateStrategy: Strategy = {
  isNewGeneration: (draft, previous) => !isDeepStrictEqual(draft['template'], previous['template']),
};
