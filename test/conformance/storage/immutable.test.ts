import type { ConfigMap, Secret } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import type { Resource } from '../support/resource.ts';

conformance(
  '[sig-storage] ConfigMap should be immutable if `immutable` field is set',
  async (c) => {
    await expectImmutability(c.in<ConfigMap>('v1', 'configmaps'), (value) => value);
  },
);

conformance('[sig-storage] Secrets should be immutable if `immutable` field is set', async (c) => {
  await expectImmutability(c.in<Secret>('v1', 'secrets'), (value) =>
    Buffer.from(value).toString('base64'),
  );
});

async function expectImmutability(
  resource: Resource<ConfigMap> | Resource<Secret>,
  encode: (value: string) => string,
): Promise<void> {
  const name = 'immutable';
  const objects = resource as Resource<ConfigMap>;
  await objects.create({ metadata: { name }, data: { 'data-1': encode('value-1') } });

  // As long as it is not marked it may change, and be marked.
  await objects.update(name, (object) => {
    object.data = { 'data-1': encode('value-2') };
  });
  const marked = await objects.update(name, (object) => {
    object.immutable = true;
  });
  expect(marked.immutable).toBe(true);

  const invalid = { code: 422 };
  const current = await objects.get(name);
  await expect(
    objects.replace({ ...current, data: { 'data-1': encode('value-3') } }),
  ).rejects.toMatchObject(invalid);
  await expect(objects.replace({ ...current, immutable: false })).rejects.toMatchObject(invalid);
  const { immutable: _, ...unmarked } = current;
  await expect(objects.replace(unmarked)).rejects.toMatchObject(invalid);

  // Its metadata are not what is immutable.
  const labelled = await objects.update(name, (object) => {
    object.metadata.labels = { label1: 'value1' };
  });
  expect(labelled.metadata.labels).toEqual({ label1: 'value1' });
  await objects.delete(name);
}
