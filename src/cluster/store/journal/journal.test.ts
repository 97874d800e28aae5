import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api.ts';
import { Store } from '../store.ts';
import { type Journal, openJournal } from './journal.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pitstop-journal-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function pod(name: string, value = ''): KubeObject {
  return { kind: 'Pod', apiVersion: 'v1', metadata: { name, namespace: 'x', labels: { value } } };
}

async function life(minTurnBytes?: number): Promise<{ store: Store; journal: Journal }> {
  const journal = await openJournal(directory, minTurnBytes === undefined ? {} : { minTurnBytes });
  const store = new Store({ persistence: journal });
  journal.begin(store);
  return { store, journal };
}

function stateOf(store: Store): string[] {
  return [...store.collections]
    .flatMap(([resource, collection]) =>
      collection.entries().map(({ json }) => `${resource} ${json.toString()}`),
    )
    .sort();
}

describe('a journal', () => {
  it('brings back every object as it was, and no revision twice', async () => {
    const first = await life();
    first.store.collection('pods').put(pod('a'));
    first.store.collection('pods').put(pod('b', 'ä\u2028'));
    first.store.collection('services').put(pod('a'));
    first.store.collection('pods').put(pod('a', '2'));
    first.store.collection('pods').remove('x/b');
    const before = stateOf(first.store);
    await first.journal[Symbol.asyncDispose]();
    const second = await life();
    expect(stateOf(second.store)).toEqual(before);
    expect(second.store.revision).toBeGreaterThanOrEqual(first.store.revision);
    expect(second.store.collection('pods').put(pod('c')).revision).toBeGreaterThan(
      first.store.revision,
    );
    expect(second.store.collection('pods').log.since(first.store.revision)).toBeUndefined();
    await second.journal[Symbol.asyncDispose]();
  });

  it('lets nothing be seen before it is on disk', async () => {
    const { store, journal } = await life();
    const { revision } = store.collection('pods').put(pod('a'));
    expect(store.visibleRevision).toBeLessThan(revision);
    await store.whenVisible();
    expect(store.visibleRevision).toBe(revision);
    expect(store.whenVisible()).toBeUndefined();
    expect(await readFile(join(directory, 'journal-0.ndjson'), 'utf8')).toContain('"key":"x/a"');
    await journal[Symbol.asyncDispose]();
  });

  it('keeps no Events and no Leases, and gives their revisions to nobody else', async () => {
    const first = await life();
    first.store.collection('pods').put(pod('a'));
    await first.store.whenVisible();
    const size = (await stat(join(directory, 'journal-0.ndjson'))).size;
    for (let n = 0; n < 1000; n++) first.store.collection('events').put(pod(`e${n}`));
    expect(first.store.whenVisible()).toBeUndefined();
    expect((await stat(join(directory, 'journal-0.ndjson'))).size).toBe(size);
    await first.journal[Symbol.asyncDispose]();
    const second = await life();
    expect(second.store.collection('events').size).toBe(0);
    expect(second.store.revision).toBeGreaterThan(1000);
    await second.journal[Symbol.asyncDispose]();
  });

  it('is replaced by a snapshot when it has grown', async () => {
    const first = await life(10_000);
    for (let n = 0; n < 500; n++) {
      first.store.collection('pods').put(pod(`p${n % 20}`, String(n)));
      if (n % 10 === 0) await first.store.whenVisible();
    }
    await first.store.whenVisible();
    const before = stateOf(first.store);
    await first.journal[Symbol.asyncDispose]();
    const names = await readdir(directory);
    expect(names.filter((name) => name.startsWith('snapshot'))).toHaveLength(1);
    expect(names).not.toContain('journal-0.ndjson');
    const second = await life(10_000);
    expect(stateOf(second.store)).toEqual(before);
    await second.journal[Symbol.asyncDispose]();
  });

  it('goes on after a last line that was cut short', async () => {
    const first = await life();
    first.store.collection('pods').put(pod('a'));
    await first.journal[Symbol.asyncDispose]();
    const path = join(directory, 'journal-0.ndjson');
    await appendFile(path, '{"crc":"12345678","rev":7,"resource":"pods","ke');
    const second = await life();
    second.store.collection('pods').put(pod('b'));
    await second.journal[Symbol.asyncDispose]();
    const third = await life();
    expect(third.store.collection('pods').size).toBe(2);
    await third.journal[Symbol.asyncDispose]();
  });

  it('says which line of which file is damaged', async () => {
    const first = await life();
    for (const name of ['a', 'b', 'c']) first.store.collection('pods').put(pod(name));
    await first.journal[Symbol.asyncDispose]();
    const path = join(directory, 'journal-0.ndjson');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"name":"b"', '"name":"B"'));
    await expect(openJournal(directory)).rejects.toThrow(`${path}, line 2: damaged`);
    // And does not keep the directory.
    await writeFile(path, text);
    await (await openJournal(directory))[Symbol.asyncDispose]();
  });

  it('belongs to one cluster at a time', async () => {
    const first = await life();
    await expect(openJournal(directory)).rejects.toThrow(
      `${directory} is in use by another cluster`,
    );
    await first.journal[Symbol.asyncDispose]();
    const second = await life();
    await second.journal[Symbol.asyncDispose]();
    expect(await readdir(directory)).not.toContain('lock');
  });
});

const change = fc.record({
  kind: fc.constantFrom('put', 'put', 'remove', 'wait'),
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  value: fc.string({ unit: 'binary', maxLength: 20 }),
});

it('cut anywhere in what was not acknowledged, it gives a state that was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 60 }), fc.nat(), async (changes, cut) => {
      await rm(directory, { recursive: true, force: true });
      const { store, journal } = await life(2000);
      const states = new Map<number, string[]>([[0, []]]);
      let acknowledged = 0;
      for (const { kind, name, value } of changes) {
        const pods = store.collection('pods');
        if (kind === 'put') pods.put(pod(name, value));
        else if (kind === 'remove') pods.remove(`x/${name}`);
        else {
          await store.whenVisible();
          acknowledged = store.revision;
        }
        states.set(store.revision, stateOf(store));
      }
      const before = await newest();
      await journal[Symbol.asyncDispose]();
      // As after kill -9: any part of what came after the last acknowledged byte may be there.
      const { path, bytes } = await newest();
      if (path === before.path) {
        await truncate(path, before.bytes + (cut % (bytes - before.bytes + 1)));
      }
      const next = await life(2000);
      const found = stateOf(next.store);
      const possible = [...states].filter(([revision]) => revision >= acknowledged);
      expect(possible.map(([, state]) => state)).toContainEqual(found);
      expect(next.store.revision).toBeGreaterThanOrEqual(acknowledged);
      await next.journal[Symbol.asyncDispose]();
    }),
    { numRuns: 40 },
  );
});

async function newest(): Promise<{ path: string; bytes: number }> {
  const names = (await readdir(directory)).filter((name) => /^journal-\d+\.ndjson$/.test(name));
  const generation = Math.max(...names.map((name) => Number(/\d+/.exec(name)?.[0])));
  const path = join(directory, `journal-${generation}.ndjson`);
  return { path, bytes: (await stat(path)).size };
}
