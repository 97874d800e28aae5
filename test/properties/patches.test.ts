import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyDefaults,
  type Kind,
  kindOf,
  serverSideApply,
  strategicMergePatch,
} from '../../src/cluster/machinery/index.ts';
import { isObject, type JsonObject } from '../../src/cluster/machinery/json-value.ts';
import { type Type, typeOf } from '../../src/cluster/machinery/schema/types.ts';
import { arbitraryObject } from './arbitrary-object.ts';
import { twoWayPatch } from './two-way-patch.ts';

const kinds: readonly (readonly [string, Kind])[] = [
  ['Pods', kindOf({ group: '', version: 'v1', kind: 'Pod' })],
  ['Services', kindOf({ group: '', version: 'v1', kind: 'Service' })],
  ['Nodes', kindOf({ group: '', version: 'v1', kind: 'Node' })],
  ['Deployments', kindOf({ group: 'apps', version: 'v1', kind: 'Deployment' })],
  ['Jobs', kindOf({ group: 'batch', version: 'v1', kind: 'Job' })],
  ['Ingresses', kindOf({ group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' })],
];
const runs = { numRuns: 60 };

describe.each(kinds)('of %s', (_, gvk) => {
  test('the strategic difference of two objects turns the one into the other', () => {
    fc.assert(
      fc.property(wellFormed(gvk), wellFormed(gvk), (before, after) => {
        const patch = twoWayPatch(typeOf(gvk), before, after) as JsonObject;
        const patched = strategicMergePatch(gvk, before, patch);
        expect(applyDefaults(gvk, patched)).toEqual(after);
      }),
      runs,
    );
  });

  test('applying twice is applying once', () => {
    fc.assert(
      fc.property(wellFormed(gvk), wellFormed(gvk), (first, second) => {
        const live = applied(gvk, undefined, first, 'other');
        const once = applied(gvk, live, second, 'me');
        expect(applied(gvk, once, second, 'me')).toEqual(once);
      }),
      runs,
    );
  });

  test('what one manager applied alone goes when it applies nothing', () => {
    fc.assert(
      fc.property(wellFormed(gvk), (object) => {
        const live = applied(gvk, undefined, object, 'me');
        const nothing = applied(gvk, live, {}, 'me');
        const fresh = applied(gvk, undefined, {}, 'me');
        expect(withoutManagers(nothing)).toEqual(withoutManagers(fresh));
      }),
      runs,
    );
  });
});

function applied(
  gvk: Kind,
  live: JsonObject | undefined,
  object: JsonObject,
  manager: string,
): JsonObject {
  const apiVersion = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
  const { status: _status, ...rest } = object;
  const config = {
    ...rest,
    apiVersion,
    kind: gvk.kind,
    metadata: { name: 'x', namespace: 'default' },
  };
  const time = '2026-11-23T02:00:00Z';
  const merged = serverSideApply({ gvk, live, applied: config, manager, force: true, time });
  return applyDefaults(gvk, merged);
}

function withoutManagers(object: JsonObject): JsonObject {
  return {
    ...object,
    metadata: { ...(object['metadata'] as JsonObject), managedFields: undefined },
  };
}

/** Defaulted, and every associative list with its keys, each once. */
function wellFormed(gvk: Kind): fc.Arbitrary<JsonObject> {
  return arbitraryObject(gvk).map(
    (object) => applyDefaults(gvk, unique(typeOf(gvk), applyDefaults(gvk, object))) as JsonObject,
  );
}

function unique(type: Type, value: unknown): unknown {
  if (type.kind === 'struct' && isObject(value)) {
    const fields = Object.entries(value).flatMap(([name, item]) => {
      const field = type.fields.get(name);
      if (!field || item === null) return [];
      const key = field.patch?.mergeKey;
      const kept = unique(field.type, item);
      const list = Array.isArray(kept) && key !== undefined ? byKey(kept, [key]) : kept;
      return [[name, list] as const];
    });
    return Object.fromEntries(fields);
  }
  if (type.kind === 'list' && Array.isArray(value)) {
    const items = value.map((item: unknown) => unique(type.item, item));
    if (type.relationship === 'set') return [...new Set(items)];
    return type.relationship === 'map' ? byKey(items, type.keys) : items;
  }
  return value;
}

function byKey(items: readonly unknown[], keys: readonly string[]): unknown[] {
  const seen = new Map<string, unknown>();
  for (const item of items) {
    const names = keys.map((key) => (isObject(item) ? item[key] : undefined));
    if (names.every((name) => name !== undefined && name !== '')) {
      seen.set(JSON.stringify(names), item);
    }
  }
  return [...seen.values()];
}
