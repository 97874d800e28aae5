import fc from 'fast-check';
import type { ConfigMap } from 'kubernetes-types/core/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import { describe, expect, it } from 'vitest';
import { labelSelectorMatcher } from '../store/index.ts';
import { Informers } from './informer.ts';
import { SelectorIndex } from './label-index.ts';
import { metaOf } from './object-meta.ts';
import { TestCluster } from './test-cluster.ts';

const namespace = 'default';
const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'zone'), fc.constantFrom('a', 'b'));
const selector: fc.Arbitrary<LabelSelector> = fc.record(
  {
    matchLabels: labels,
    matchExpressions: fc.array(
      fc.record({
        key: fc.constantFrom('app', 'tier'),
        operator: fc.constantFrom('In', 'NotIn'),
        values: fc.constantFrom(['a'], ['b'], ['a', 'b']),
      }),
      { maxLength: 1 },
    ),
  },
  { requiredKeys: [] },
);

describe('LabelIndex and SelectorIndex', () => {
  it('find what a walk over all objects finds, through every change', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: 4 }), fc.option(labels)), { minLength: 1, maxLength: 20 }),
        selector,
        async (changes, wanted) => {
          await using cluster = new TestCluster();
          using informers = new Informers(cluster.api);
          const informer = informers.of('configmaps');
          const index = informer.labels();
          // Each object stands for a selector too: its own labels.
          const selecting = new SelectorIndex(informer, ({ metadata }) =>
            metadata?.labels ? { matchLabels: metadata.labels } : undefined,
          );
          for (const [number, next] of changes) {
            const key = { namespace, name: `c${number}` };
            const stored = cluster.api.get('configmaps', key);
            if (next === null) {
              if (stored) cluster.api.delete('configmaps', key);
            } else if (stored) {
              cluster.api.update('configmaps', {
                ...stored,
                metadata: { ...metaOf(stored), labels: next },
              });
            } else cluster.api.create('configmaps', { metadata: { ...key, labels: next } });
          }
          const all = cluster.api.list<ConfigMap>('configmaps', { namespace });
          const matches = labelSelectorMatcher(wanted);
          const names = (found: readonly ConfigMap[]) =>
            found.map((each) => metaOf(each).name).sort();
          expect(names(index.select(namespace, wanted))).toEqual(
            names(all.filter(({ metadata }) => matches(metadata?.labels))),
          );
          const target = { app: 'a', tier: 'b' };
          expect(names(selecting.selecting(namespace, target))).toEqual(
            names(
              all.filter(({ metadata }) =>
                metadata?.labels
                  ? labelSelectorMatcher({ matchLabels: metadata.labels })(target)
                  : false,
              ),
            ),
          );
        },
      ),
    );
  });
});
