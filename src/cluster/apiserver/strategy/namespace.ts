import type { Strategy } from './strategy.ts';

/** A namespace is held by `spec.finalizers: [kubernetes]` until its content is gone. */
export const namespaceStrategy: Strategy = {
  initialStatus: () => ({ phase: 'Active' }),
  prepareForCreate(draft) {
    const finalizers = (draft.spec?.['finalizers'] as string[] | undefined) ?? [];
    draft.spec = {
      ...draft.spec,
      finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'],
    };
    nameLabel(draft.metadata);
  },
  prepareForUpdate(draft, previous, { subresource }) {
    if (subresource !== 'finalize' && previous.spec) draft.spec = previous.spec;
    if (subresource === 'finalize' && previous.status) draft.status = previous.status;
    nameLabel(draft.metadata);
  },
};

// KEP-2161: every namespace carries its name as a label.
function nameLabel(metadata: { name?: string; labels?: Record<string, string> }): void {
  metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name ?? '' };
}
