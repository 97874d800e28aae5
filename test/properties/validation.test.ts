import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseApiVersion } from '../../src/cluster/machinery/group-version-kind.ts';
import {
  applyDefaults,
  kindOf,
  validateCreate,
  validateUpdate,
} from '../../src/cluster/machinery/index.ts';
import { kindsInScope } from '../../src/cluster/machinery/schema/kinds.ts';
import { arbitraryObject } from './arbitrary-object.ts';

const kinds = kindsInScope.filter(({ kind }) => kind !== 'CustomResourceDefinition');

describe('whatever is sent is defaulted and judged, never a crash:', () => {
  test.each(kinds)('$apiVersion $kind', ({ apiVersion, kind }) => {
    const gvk = kindOf({ ...parseApiVersion(apiVersion), kind });
    fc.assert(
      fc.property(arbitraryObject(gvk), arbitraryObject(gvk), (one, other) => {
        const before = applyDefaults(gvk, one);
        const after = applyDefaults(gvk, other);
        // Defaulting what is defaulted changes nothing.
        expect(applyDefaults(gvk, before)).toEqual(before);
        for (const error of [
          ...validateCreate(gvk, before),
          ...validateUpdate(gvk, after, before),
        ]) {
          expect(error.field).toEqual(expect.any(String));
        }
        // Nothing has changed that may not.
        const unchanged = validateUpdate(gvk, before, before);
        const fixed = unchanged.filter(({ message }) => /immutable|may not change/.test(message));
        expect(fixed).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});
