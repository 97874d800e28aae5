import fc from 'fast-check';
import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.js';
import { describe, expect, test } from 'vitest';

import { ApiError } from '../../api-error.ts';
import { applyDefaults } from '../defaults/apply-defaults.ts';
import { type Kind, kindOf } from '../kind-rules.ts';
import { isObject, type JsonObject } from '../json-value.ts';
import { forEachPath, type FieldSet } from './field-set.ts';
import { recordUpdate } from './record-update.ts';
import { serverSideApply } from './server-side-apply.ts';

const deployments = kindOf({ group: 'apps', version: 'v1', kind: 'Deployment' });
const configMaps = kindOf({ group: '', version: 'v1', kind: 'ConfigMap' });
const time = '2026-11-23T02:00:00Z';
const later = '2026-11-23T03:00:00Z';

describe('server-side apply', () => {
  test('twice is once', () => {
    fc.assert(
      fc.property(configuration(), configuration(), (first, second) => {
        const live = applied(undefined, first, { manager: 'other' });
        const once = applied(live, second, { manager: 'me', force: true });
        const twice = applied(once, second, { manager: 'me', at: later });
        expect(twice).toEqual(once);
      }),
    );
  });

  test('by two managers who share no field gives the same in either order', () => {
    const data = (prefix: string) =>
      fc.dictionary(
        fc.stringMatching(/^[a-c]$/).map((key) => prefix + key),
        fc.string(),
      );
    fc.assert(
      fc.property(data('x'), data('y'), (one, two) => {
        const apply = (live: JsonObject | undefined, map: JsonObject, manager: string) =>
          applied(live, { data: map }, { gvk: configMaps, manager });
        const base = apply(undefined, { base: '1' }, 'base');
        const forth = apply(apply(base, one, 'one'), two, 'two');
        const back = apply(apply(base, two, 'two'), one, 'one');
        expect(forth['data']).toEqual(back['data']);
        expect(fieldsByManager(forth)).toEqual(fieldsByManager(back));
      }),
    );
  });

  test('removes what its manager no longer applies and nobody else owns', () => {
    fc.assert(
      fc.property(configuration(), configuration(), (first, second) => {
        const live = applied(undefined, first, { manager: 'me' });
        const next = applied(live, second, { manager: 'me' });
        const fresh = applied(undefined, second, { manager: 'me' });
        expect(withoutManagers(next)).toEqual(withoutManagers(fresh));
      }),
    );
  });

  test('keeps what another manager applies too', () => {
    const one = { data: { a: '1', b: '2' } };
    const options = { gvk: configMaps };
    const mine = applied(undefined, one, { ...options, manager: 'me' });
    const ours = applied(mine, { data: { b: '2' } }, { ...options, manager: 'you' });
    const yours = applied(ours, {}, { ...options, manager: 'me' });
    expect(yours['data']).toEqual({ b: '2' });
    expect(fieldsByManager(yours)).toEqual({ 'you Apply': ['.data.b'] });
  });

  test('conflicts with whoever set the field to something else, and force takes it', () => {
    const live = applied(undefined, { spec: { replicas: 1 } }, { manager: 'you' });
    const mine = { spec: { replicas: 2 } };
    expect(() => applied(live, mine, { manager: 'me' })).toThrow(
      'Apply failed with 1 conflict: conflict with "you": .spec.replicas',
    );
    const forced = applied(live, mine, { manager: 'me', force: true });
    expect(forced).toHaveProperty('spec.replicas', 2);
    expect(fieldsByManager(forced)).toEqual({ 'me Apply': ['.spec.replicas'] });
  });

  test('names every conflict, manager by manager', () => {
    const created = { metadata: { name: 'd' }, spec: { replicas: 1, paused: true } };
    const live = updated(undefined, created, { manager: 'editor' });
    const attempt = () =>
      applied(live, { spec: { replicas: 2, paused: false } }, { manager: 'me' });
    expect(attempt).toThrow(
      'Apply failed with 2 conflicts: conflicts with "editor" using apps/v1:\n- .spec.paused\n- .spec.replicas',
    );
    expect(causesOf(attempt)).toEqual(['.spec.paused', '.spec.replicas']);
  });

  test('to an object without managers gives its fields to before-first-apply', () => {
    const live = defaulted({ metadata: { name: 'd' }, spec: { replicas: 1 } });
    const next = applied(live, { spec: { paused: true } }, { manager: 'me' });
    expect(Object.keys(fieldsByManager(next))).toEqual(['me Apply', 'before-first-apply Update']);
  });

  test('as kubectl does it takes over from client-side apply without force', () => {
    const name = 'kubectl.kubernetes.io/last-applied-configuration';
    const configured = { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 1 } };
    const metadata = { name: 'd', annotations: { [name]: JSON.stringify(configured) } };
    const created = { metadata, spec: { replicas: 1 } };
    const live = updated(undefined, created, { manager: 'kubectl-client-side-apply' });
    const next = applied(live, { spec: { replicas: 3 } }, { manager: 'kubectl' });
    expect(next).toHaveProperty('spec.replicas', 3);
    const annotation = (next['metadata'] as { annotations: Record<string, string> }).annotations[
      name
    ];
    expect(JSON.parse(annotation ?? '')).toMatchObject({ spec: { replicas: 3 } });
    expect(() => applied(live, { spec: { replicas: 3 } }, { manager: 'else' })).toThrow(ApiError);
  });

  test.each([
    [
      { spec: { bogus: 1 } },
      'failed to create typed patch object (default/d; apps/v1, Kind=Deployment): .spec.bogus: field not declared in schema',
    ],
    [
      { spec: { replicas: 'x' } },
      'failed to create typed patch object (default/d; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string',
    ],
    [
      { spec: { template: { spec: { containers: [{ image: 'x' }] } } } },
      `failed to create typed patch object (default/d; apps/v1, Kind=Deployment): .spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn't have default value)`,
    ],
    [
      { spec: { template: { spec: { containers: [{ name: 'c' }, { name: 'c' }] } } } },
      'failed to create typed patch object (default/d; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name="c"]',
    ],
  ])('%j cannot be applied', (config, message) => {
    expect(() => applied(undefined, config, { manager: 'me' })).toThrow(message);
  });
});

describe('an update', () => {
  test('owns what it changed, and nothing it removed has an owner', () => {
    fc.assert(
      fc.property(configuration(), configuration(), (first, second) => {
        const live = updated(undefined, first, { manager: 'one' });
        const next = updated(live, second, { manager: 'two', at: later });
        const all = Object.values(fieldsByManager(next)).flat();
        expect(new Set(all).size).toBe(all.length);
        const alone = updated(undefined, second, { manager: 'two' });
        const expected = Object.values(fieldsByManager(alone)).flat();
        for (const field of all) expect(expected).toContain(field);
      }),
    );
  });

  test('that changes nothing leaves every entry, and its time, alone', () => {
    fc.assert(
      fc.property(configuration(), (config) => {
        const live = updated(undefined, config, { manager: 'one' });
        const next = structuredClone(live);
        const again = recordUpdate({ gvk: deployments, live, next, manager: 'two', time: later });
        expect(again).toBe(managersOf(next));
        expect(again).toEqual(managersOf(live));
      }),
    );
  });

  test('of the status owns no part of the spec', () => {
    const live = updated(undefined, { spec: { replicas: 1 } }, { manager: 'one' });
    const next = updated(
      live,
      { spec: { replicas: 5 }, status: { replicas: 1 } },
      { manager: 'two', subresource: 'status' },
    );
    expect(fieldsByManager(next)['two Update status']).toEqual(['.status.replicas']);
  });

  test('may hand fields from one manager to another, as kubectl does when it migrates', () => {
    const live = updated(undefined, { spec: { replicas: 1 } }, { manager: 'old' });
    const moved = managersOf(live).map((entry) => ({ ...entry, manager: 'new' }));
    const metadata = { ...(live['metadata'] as JsonObject), managedFields: moved };
    const next = recordUpdate({
      gvk: deployments,
      live,
      next: { ...live, metadata },
      manager: 'kubectl',
      time: later,
    });
    expect(next.map(({ manager }) => manager)).toEqual(['new']);
  });

  test('beyond the tenth manager merges the oldest', () => {
    let live = updated(undefined, { spec: { replicas: 0 } }, { manager: 'm00' });
    for (let count = 1; count <= 14; count += 1) {
      const labels = Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`l${index}`, 'x']),
      );
      live = updated(
        live,
        { metadata: { labels }, spec: { replicas: 0 } },
        { manager: `m${String(count).padStart(2, '0')}`, at: `2026-11-23T04:00:${count + 10}Z` },
      );
    }
    const names = managersOf(live).map(({ manager = '' }) => manager);
    expect(names).toHaveLength(10);
    expect(names[0]).toBe('ancient-changes');
    expect(names.at(-1)).toBe('m14');
  });
});

interface WriteOptions {
  readonly manager: string;
  readonly gvk?: Kind;
  readonly force?: boolean;
  readonly subresource?: string;
  readonly at?: string;
}

function applied(
  live: JsonObject | undefined,
  config: JsonObject,
  { manager, gvk = deployments, force = false, at = time }: WriteOptions,
): JsonObject {
  const metadata = { ...(config['metadata'] as JsonObject), name: 'd', namespace: 'default' };
  const apiVersion = gvk.group === '' ? 'v1' : `${gvk.group}/${gvk.version}`;
  const whole = { apiVersion, kind: gvk.kind, ...config, metadata };
  return applyDefaults(
    gvk,
    serverSideApply({ gvk, live, applied: whole, manager, force, time: at }),
  );
}

function updated(
  live: JsonObject | undefined,
  object: JsonObject,
  { manager, subresource, at = time }: WriteOptions,
): JsonObject {
  const metadata = { name: 'd', namespace: 'default', ...(object['metadata'] as JsonObject) };
  const next = defaulted({ ...object, metadata });
  const managedFields = recordUpdate({
    gvk: deployments,
    live,
    next,
    manager,
    subresource,
    time: at,
  });
  const own = next['metadata'] as JsonObject;
  return { ...next, metadata: { ...own, managedFields } };
}

function defaulted(object: JsonObject): JsonObject {
  return applyDefaults(deployments, { apiVersion: 'apps/v1', kind: 'Deployment', ...object });
}

function managersOf(object: JsonObject): ManagedFieldsEntry[] {
  const metadata = object['metadata'] as { managedFields: ManagedFieldsEntry[] };
  return metadata.managedFields;
}

function withoutManagers(object: JsonObject): JsonObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  return { ...object, metadata: { ...metadata, managedFields: undefined } };
}

function fieldsByManager(object: JsonObject): Record<string, string[]> {
  const entries = managersOf(object).map((entry) => {
    const paths: string[] = [];
    forEachPath(entry.fieldsV1 as FieldSet, (path) => paths.push(path));
    const by = [entry.manager, entry.operation, entry.subresource].filter(Boolean).join(' ');
    return [by, paths] as const;
  });
  return Object.fromEntries(entries);
}

function causesOf(attempt: () => unknown): (string | undefined)[] {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ApiError) {
      return (error.status.details?.causes ?? []).map(({ field }) => field);
    }
  }
  return [];
}

function configuration(): fc.Arbitrary<JsonObject> {
  const text = fc.constantFrom('a', 'b', 'c');
  const labels = fc.dictionary(text, text, { minKeys: 1, maxKeys: 3 });
  const env = fc.uniqueArray(fc.record({ name: text, value: text }), {
    minLength: 1,
    maxLength: 3,
    selector: ({ name }) => name,
  });
  const container = fc.record({ name: text, image: text, env }, { requiredKeys: ['name'] });
  const containers = fc.uniqueArray(container, {
    minLength: 1,
    maxLength: 3,
    selector: ({ name }) => name,
  });
  const spec = fc.record(
    {
      replicas: fc.nat(3),
      paused: fc.constant(true),
      selector: fc.record({ matchLabels: labels }),
      template: fc.record({ spec: fc.record({ containers }) }),
    },
    { requiredKeys: [] },
  );
  return fc.record({ metadata: fc.record({ labels }, { requiredKeys: [] }), spec });
}
