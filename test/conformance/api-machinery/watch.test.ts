import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigMap } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import type { Stored } from '../support/resource.ts';
import type { WatchEvent, Watching } from '../support/watching.ts';

const label = 'watch-this-configmap';
/** How long a notification that must not come is waited for; upstream's own bound. */
const silenceMs = 10_000;

conformance(
  '[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps',
  async (c) => {
    const maps = c.in<ConfigMap>('v1', 'configmaps');
    using onlyA = await watchLabel(c, ['multiple-watchers-A']);
    using onlyB = await watchLabel(c, ['multiple-watchers-B']);
    using both = await watchLabel(c, ['multiple-watchers-A', 'multiple-watchers-B']);

    const created = await maps.create(
      configMap('e2e-watch-test-configmap-a', 'multiple-watchers-A'),
    );
    for (const watch of [onlyA, both]) await expectEvent(watch, 'ADDED', created);
    for (const mutation of ['1', '2']) {
      const changed = await mutate(c, created.metadata.name, mutation);
      for (const watch of [onlyA, both]) await expectEvent(watch, 'MODIFIED', changed);
    }
    await maps.delete(created.metadata.name);
    for (const watch of [onlyA, both]) await expectEvent(watch, 'DELETED');
    await expectSilence(onlyB);

    const other = await maps.create(configMap('e2e-watch-test-configmap-b', 'multiple-watchers-B'));
    for (const watch of [onlyB, both]) await expectEvent(watch, 'ADDED', other);
    await maps.delete(other.metadata.name);
    for (const watch of [onlyB, both]) await expectEvent(watch, 'DELETED');
    await expectSilence(onlyA);
  },
);

conformance(
  '[sig-api-machinery] Watchers should be able to start watching from a specific resource version',
  async (c) => {
    const maps = c.in<ConfigMap>('v1', 'configmaps');
    const { name } = (
      await maps.create(configMap('e2e-watch-test-resource-version', 'from-version'))
    ).metadata;
    const first = await mutate(c, name, '1');
    const second = await mutate(c, name, '2');
    await maps.delete(name);

    using watch = await watchLabel(c, ['from-version'], first.metadata.resourceVersion);
    await expectEvent(watch, 'MODIFIED', second);
    await expectEvent(watch, 'DELETED');
  },
);

conformance(
  '[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch',
  async (c) => {
    const maps = c.in<ConfigMap>('v1', 'configmaps');
    const broken = await watchLabel(c, ['closed-and-restarted']);
    const created = await maps.create(
      configMap('e2e-watch-test-watch-closed', 'closed-and-restarted'),
    );
    await mutate(c, created.metadata.name, '1');
    await expectEvent(broken, 'ADDED', created);
    const last = await expectEvent(broken, 'MODIFIED');
    broken.stop();

    const missed = await mutate(c, created.metadata.name, '2');
    using restarted = await watchLabel(
      c,
      ['closed-and-restarted'],
      last.object.metadata.resourceVersion,
    );
    await maps.delete(created.metadata.name);
    await expectEvent(restarted, 'MODIFIED', missed);
    await expectEvent(restarted, 'DELETED');
  },
);

conformance(
  '[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector',
  async (c) => {
    const maps = c.in<ConfigMap>('v1', 'configmaps');
    const value = 'label-changed-and-restored';
    using watch = await watchLabel(c, [value]);
    const created = await maps.create(configMap('e2e-watch-test-label-changed', value));
    const { name } = created.metadata;
    const first = await mutate(c, name, '1');
    await relabel(c, name, 'wrong-value');
    await expectEvent(watch, 'ADDED', created);
    await expectEvent(watch, 'MODIFIED', first);
    await expectEvent(watch, 'DELETED');

    await mutate(c, name, '2');
    await expectSilence(watch);

    const restored = await relabel(c, name, value);
    const third = await mutate(c, name, '3');
    await maps.delete(name);
    await expectEvent(watch, 'ADDED', restored);
    await expectEvent(watch, 'MODIFIED', third);
    await expectEvent(watch, 'DELETED');
  },
);

conformance(
  '[sig-api-machinery] Watchers should receive events on concurrent watches in same order',
  async (c) => {
    const rounds = 100;
    using stop = new Writing(c);
    const maps = c.in<ConfigMap>('v1', 'configmaps');
    const { resourceVersion } = (await maps.list()).metadata;
    using first = await maps.watch({ resourceVersion });
    const watches = new DisposableStack();
    using _watches = watches;
    const others: Watching<ConfigMap>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const seen = await first.next(60_000);
      const at = seen!.object.metadata.resourceVersion;
      // Each further watch begins where the first one is, and must see what that sees next.
      others.push(watches.use(await maps.watch({ resourceVersion: at })));
      const reference = await others[0]!.next(60_000);
      for (const other of others.slice(1)) {
        const event = await other.next(60_000);
        expect(event?.object.metadata.resourceVersion).toBe(
          reference?.object.metadata.resourceVersion,
        );
      }
    }
    expect(stop.failure).toBeUndefined();
  },
);

/** Creates, updates and deletes ConfigMaps at random until it is disposed of. */
class Writing implements Disposable {
  failure: unknown;
  #stopped = false;

  constructor(c: Conformance) {
    this.#write(c).catch((error: unknown) => {
      if (!this.#stopped) this.failure = error;
    });
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
  }

  async #write(c: Conformance): Promise<void> {
    const maps = c.in<ConfigMap>('v1', 'configmaps');
    const living: string[] = [];
    for (let round = 0; !this.#stopped; round += 1) {
      const dice = Math.random();
      const name = living[Math.floor(Math.random() * living.length)];
      if (name === undefined || dice < 0.4) {
        living.push((await maps.create({ metadata: { name: `order-${round}` } })).metadata.name);
      } else if (dice < 0.8) {
        await mutate(c, name, String(round));
      } else {
        await maps.delete(name);
        living.splice(living.indexOf(name), 1);
      }
      await sleep(5);
    }
  }
}

function configMap(name: string, value: string): ConfigMap {
  return { metadata: { name, labels: { [label]: value } } };
}

function watchLabel(
  c: Conformance,
  values: readonly string[],
  resourceVersion?: string,
): Promise<Watching<ConfigMap>> {
  const labelSelector = `${label} in (${values.join(',')})`;
  return c.in<ConfigMap>('v1', 'configmaps').watch({ labelSelector, resourceVersion });
}

function mutate(c: Conformance, name: string, mutation: string): Promise<Stored<ConfigMap>> {
  return c.in<ConfigMap>('v1', 'configmaps').update(name, (map) => {
    map.data = { ...map.data, mutation };
  });
}

function relabel(c: Conformance, name: string, value: string): Promise<Stored<ConfigMap>> {
  return c.in<ConfigMap>('v1', 'configmaps').update(name, (map) => {
    map.metadata.labels = { ...map.metadata.labels, [label]: value };
  });
}

async function expectEvent(
  watch: Watching<ConfigMap>,
  type: WatchEvent<ConfigMap>['type'],
  object?: Stored<ConfigMap>,
): Promise<WatchEvent<ConfigMap>> {
  const event = await watch.next(60_000);
  expect(event?.type).toBe(type);
  if (object) {
    // An object alone carries its kind and version, as the one in an event does.
    expect(event!.object).toEqual({ kind: 'ConfigMap', apiVersion: 'v1', ...object });
  }
  return event!;
}

async function expectSilence(watch: Watching<ConfigMap>): Promise<void> {
  expect(await watch.next(silenceMs)).toBeUndefined();
}
