import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { GroupVersionKind } from '../group-version-kind.ts';
import { twoWayPatch } from '../../../../test/properties/two-way-patch.ts';
import type { JsonObject } from '../json-value.ts';
import { typeOf } from '../schema/types.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

const deployments: GroupVersionKind = { group: 'apps', version: 'v1', kind: 'Deployment' };
const type = typeOf(deployments);

describe('a strategic merge patch', () => {
  test('made from the difference of two objects turns the one into the other', () => {
    fc.assert(
      fc.property(deployment(), deployment(), (before, after) => {
        const patch = twoWayPatch(type, before, after) as JsonObject;
        expect(strategicMergePatch(deployments, before, patch)).toEqual(after);
      }),
    );
  });

  test('changes neither the object nor itself', () => {
    fc.assert(
      fc.property(deployment(), deployment(), (before, after) => {
        const patch = twoWayPatch(type, before, after);
        const texts = [JSON.stringify(before), JSON.stringify(patch)];
        strategicMergePatch(deployments, before, patch);
        expect([JSON.stringify(before), JSON.stringify(patch)]).toEqual(texts);
      }),
    );
  });

  test('applied twice is applied once', () => {
    fc.assert(
      fc.property(deployment(), deployment(), (before, patch) => {
        const once = strategicMergePatch(deployments, before, patch);
        expect(strategicMergePatch(deployments, once, patch)).toEqual(once);
      }),
    );
  });

  test('puts new items of a list first unless it says otherwise', () => {
    const patch = withContainers([{ name: 'side', image: 'x' }]);
    const patched = strategicMergePatch(deployments, withContainers([{ name: 'web' }]), patch);
    expect(patched).toEqual(withContainers([{ name: 'side', image: 'x' }, { name: 'web' }]));
  });

  test.each([
    ['delete empties a map', { $patch: 'delete' }, {}],
    ['replace leaves only what is in the patch', { $patch: 'replace', type: 'x' }, { type: 'x' }],
    ['retainKeys drops what it does not name', { $retainKeys: ['type'], type: 'x' }, { type: 'x' }],
    ['null removes a key', { rollingUpdate: null }, { type: 'RollingUpdate' }],
  ])('%s', (_, patch, expected) => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } };
    const patched = strategicMergePatch(
      deployments,
      { spec: { strategy } },
      {
        spec: { strategy: patch },
      },
    );
    expect(patched).toEqual({ spec: { strategy: expected } });
  });

  test('leaves no directive behind where the object had nothing', () => {
    const patch = {
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'a' }],
            containers: [{ name: 'a', $retainKeys: ['name'] }],
          },
        },
      },
    };
    expect(strategicMergePatch(deployments, {}, patch)).toEqual(withContainers([{ name: 'a' }]));
  });

  test.each([
    [
      'keys missing in retainKeys',
      { spec: { strategy: { $retainKeys: [], type: 'x' } } },
      'invalid patch format of retainKeys',
    ],
    [
      'items out of the order they set',
      {
        spec: {
          template: {
            spec: {
              '$setElementOrder/containers': [{ name: 'a' }],
              containers: [{ name: 'b' }],
            },
          },
        },
      },
      "The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
    ],
    [
      'an unknown directive in a list',
      withContainers([{ name: 'a', $patch: 'zap' }]),
      'unknown patch type: zap in map: map[$patch:zap name:a]',
    ],
  ])('refuses %s', (_, patch, message) => {
    const object = { spec: { strategy: {}, template: { spec: { containers: [{ name: 'a' }] } } } };
    expect(() => strategicMergePatch(deployments, object, patch)).toThrow(message);
  });
});

function withContainers(containers: JsonObject[]): JsonObject {
  return { spec: { template: { spec: { containers } } } };
}

function deployment(): fc.Arbitrary<JsonObject> {
  const text = fc.constantFrom('a', 'b', 'c', 'd');
  const labels = fc.dictionary(text, text, { maxKeys: 3 });
  const env = fc.uniqueArray(fc.record({ name: text, value: text }), {
    maxLength: 3,
    selector: ({ name }) => name,
  });
  const container = fc.record(
    { name: text, image: text, env, command: fc.array(text, { maxLength: 2 }) },
    { requiredKeys: ['name'] },
  );
  const containers = fc.uniqueArray(container, { maxLength: 3, selector: ({ name }) => name });
  return fc.record({
    metadata: fc.record(
      { labels, finalizers: fc.uniqueArray(text, { maxLength: 2 }) },
      { requiredKeys: ['finalizers'] },
    ),
    spec: fc.record(
      {
        replicas: fc.nat(3),
        template: fc.record({
          metadata: fc.record({ labels }),
          spec: fc.record({ containers, nodeSelector: labels }, { requiredKeys: ['containers'] }),
        }),
      },
      { requiredKeys: ['template'] },
    ),
  });
}
