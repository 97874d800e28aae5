import { setTimeout as sleep } from 'node:timers/promises';
import type { PodTemplate } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { ApiFailure } from '../support/api.ts';
import { type Conformance, conformance } from '../support/conformance.ts';
import type { List, Resource } from '../support/resource.ts';
import { until } from '../support/until.ts';

const total = 400;

conformance(
  '[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls',
  async (c) => {
    const templates = await createTemplates(c);
    for (let round = 0; round < 3; round += 1) {
      let token: string | undefined;
      let version: string | undefined;
      let found = 0;
      do {
        const limit = 1 + Math.floor((Math.random() * total) / 10);
        const list: List<PodTemplate> = await templates.list({ limit, continue: token });
        expect(list.items.length).toBeLessThanOrEqual(limit);
        version ??= list.metadata.resourceVersion!;
        expect(list.metadata.resourceVersion).toBe(version);
        found = expectPage(list, found);
        token = list.metadata.continue;
      } while (token);
      expect(found).toBe(total);
    }
    expect((await templates.list({ limit: total + 1 })).items).toHaveLength(total);
  },
);

conformance(
  '[sig-api-machinery] Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow]',
  async (c) => {
    const templates = await createTemplates(c);
    const limit = total / 10;
    const first = await templates.list({ limit });
    let found = expectPage(first, 0);

    // Twice the five minutes after which an API server has etcd compacted.
    const token = await until(
      'the token to expire',
      async () => {
        try {
          await templates.list({ limit, continue: first.metadata.continue });
          await sleep(5000);
          return undefined;
        } catch (error) {
          if (!(error instanceof ApiFailure) || error.code !== 410) throw error;
          expect(error.status.reason).toBe('Expired');
          return error.status.metadata?.continue;
        }
      },
      600_000,
    );
    const second = await templates.list({ limit, continue: token });
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
    expect(second.items).toHaveLength(limit);
    found = expectPage(second, found);
    let next = second.metadata.continue;
    while (next) {
      const list: List<PodTemplate> = await templates.list({ limit, continue: next });
      expect(list.items.length).toBeLessThanOrEqual(limit);
      expect(list.metadata.resourceVersion).toBe(second.metadata.resourceVersion);
      found = expectPage(list, found);
      next = list.metadata.continue;
    }
    expect(found).toBe(total);
  },
  { timeoutMs: 700_000 },
);

/** Checks the names and the remaining count of a page that begins after `found` templates. */
function expectPage(list: List<PodTemplate>, found: number): number {
  const names = list.items.map(({ metadata }) => metadata.name);
  expect(names).toEqual(names.map((_, index) => nameOf(found + index)));
  const seen = found + names.length;
  const remaining = list.metadata.remainingItemCount;
  if (list.metadata.continue) expect(remaining).toBe(total - seen);
  else expect(remaining).toBeUndefined();
  return seen;
}

async function createTemplates(c: Conformance): Promise<Resource<PodTemplate>> {
  const templates = c.in<PodTemplate>('v1', 'podtemplates');
  const numbers = Array.from({ length: total }, (_, index) => index);
  const lane = async () => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
      await templates.create({
        metadata: { name: nameOf(number) },
        template: { spec: { containers: [{ name: 'test', image: 'test2' }] } },
      });
    }
  };
  await Promise.all(Array.from({ length: 20 }, lane));
  return templates;
}

function nameOf(number: number): string {
  return `template-${String(number).padStart(4, '0')}`;
}
