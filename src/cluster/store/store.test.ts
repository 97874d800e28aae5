import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { keyOf, Store } from './index.ts';

function pod(name: string, value = '', namespace = 'default'): KubeObject {
  return { kind: 'Pod', apiVersion: 'v1', metadata: { name, namespace, labels: { value } } };
}

describe('Store', () => {
  it('gives each commit the next revision, over all kinds', () => {
    const store = new Store();
    store.collection('pods').put(pod('a'));
    const entry = store.collection('services').put(pod('b'));
    expect(entry.revision).toBe(2);
    expect(entry.object.metadata?.resourceVersion).toBe('2');
    expect(store.revision).toBe(2);
  });

  it('hands out frozen objects', () => {
    const { object } = new Store().collection('pods').put(pod('a', 'x'));
    expect(() => Object.assign(object.metadata?.labels ?? {}, { value: 'y' })).toThrow(TypeError);
  });

  it('lists in the order of keys, one namespace apart from those that begin alike', () => {
    const pods = new Store().collection('pods');
    for (const [namespace, name] of [
      ['ns', 'b'],
      ['ns-x', 'a'],
      ['ns', 'a'],
      ['n', 'z'],
      ['ns0', 'a'],
    ]) {
      pods.put(pod(name!, '', namespace));
    }
    expect(pods.entries('ns').map(({ key }) => key)).toEqual(['ns/a', 'ns/b']);
    expect(pods.entries().map(({ key }) => key)).toEqual([
      'n/z',
      'ns-x/a',
      'ns/a',
      'ns/b',
      'ns0/a',
    ]);
  });

  it('makes the JSON of a revision once', () => {
    const entry = new Store().collection('pods').put(pod('a'));
    expect(entry.json).toBe(entry.json);
    expect(JSON.parse(entry.json.toString())).toEqual(entry.object);
  });

  it('forgets changes beyond its count, and those older than its age', () => {
    let now = 0;
    const store = new Store({ limits: { maxChanges: 3, maxAgeMs: 1000 }, now: () => now });
    const pods = store.collection('pods');
    for (const name of ['a', 'b', 'c', 'd', 'e']) pods.put(pod(name));
    expect(pods.log.since(1)).toBeUndefined();
    expect(pods.log.since(2)?.map(({ revision }) => revision)).toEqual([3, 4, 5]);
    now = 1001;
    expect(pods.log.since(4)).toBeUndefined();
    expect(pods.log.since(5)).toEqual([]);
  });

  it('forgets a state that pages were read from when its time is up, changed or not', () => {
    let now = 0;
    const store = new Store({ limits: { maxAgeMs: 1000 }, now: () => now });
    const pods = store.collection('pods');
    const { revision } = pods.put(pod('a'));
    pods.keep(revision, undefined, pods.entries());
    now = 1000;
    expect(pods.entriesAt(revision)).toHaveLength(1);
    now = 1001;
    expect(pods.entriesAt(revision)).toBeUndefined();
    const next = pods.put(pod('b')).revision;
    expect(pods.entriesAt(next)).toHaveLength(2);
  });
});

const change = fc.record({
  kind: fc.constantFrom('put', 'remove'),
  namespace: fc.constantFrom('x', 'y'),
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  value: fc.string({ maxLength: 3 }),
});

/** Plays the changes and tells the state after each. */
function play(
  store: Store,
  changes: readonly (typeof change extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const pods = store.collection('pods');
  const states = new Map<number, string[]>([[0, []]]);
  for (const { kind, namespace, name, value } of changes) {
    if (kind === 'put') pods.put(pod(name, value, namespace));
    else pods.remove(keyOf(namespace, name));
    states.set(
      store.revision,
      pods.entries().map((entry) => entry.json.toString()),
    );
  }
  return states;
}

describe('history', () => {
  it('any past state can be read back', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const store = new Store();
        for (const [revision, state] of play(store, changes)) {
          const entries = store.collection('pods').entriesAt(revision) ?? [];
          expect(entries.map(({ json }) => json.toString())).toEqual(state);
        }
      }),
    );
  });

  it('the changes since any state, folded into it, give the present', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), fc.nat(40), (changes, start) => {
        const store = new Store();
        play(store, changes);
        const pods = store.collection('pods');
        const from = Math.min(start, store.revision);
        const state = new Map(pods.entriesAt(from)?.map((entry) => [entry.key, entry]));
        for (const { type, entry } of pods.log.since(from) ?? []) {
          if (type === 'DELETED') state.delete(entry.key);
          else state.set(entry.key, entry);
        }
        expect(new Set(state.values())).toEqual(new Set(pods.entries()));
      }),
    );
  });
});
