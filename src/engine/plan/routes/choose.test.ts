import fc from 'fast-check';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { changedLabels, matchesMap, matchesSelector } from '../labels.ts';
import { chooseRoute } from './choose.ts';
import { ownerSelector } from './owner.ts';
import type { Owner, Snapshot } from '../snapshot.ts';
import { reachOf } from '../traffic.ts';

const hash = { 'pod-template-hash': '5dcf5564cc' };

function pod(labels: Record<string, string>): Pod {
  return {
    metadata: { name: 'web-1', namespace: 'shop', uid: 'u1', labels },
    status: { podIP: '10.244.1.5' },
  };
}

function service(name: string, selector?: Record<string, string>): Service {
  return {
    metadata: { name, namespace: 'shop' },
    spec: { ...(selector && { selector }), ports: [{ port: 80 }] },
  };
}

function replicaSet(matchLabels: Record<string, string>): Owner {
  return {
    kind: 'ReplicaSet',
    replicaSet: {
      metadata: { name: 'web-5dcf5564cc', uid: 'rs1' },
      spec: { replicas: 2, selector: { matchLabels }, template: {} },
    },
  };
}

function snapshot(world: Partial<Snapshot> & { pod: Pod }): Snapshot {
  return { owner: undefined, services: [], slices: [], ...world };
}

function choose(world: Snapshot, forced?: 'label' | 'release') {
  return chooseRoute(world, reachOf(world), forced);
}

describe('chooseRoute', () => {
  it("releases the note's Pod: Service and Deployment select on the same label", () => {
    const world = snapshot({
      pod: pod({ app: 'my-api', ...hash }),
      owner: replicaSet({ app: 'my-api', ...hash }),
      services: [service('my-svc', { app: 'my-api' })],
    });
    expect(choose(world)).toMatchObject({
      name: 'release',
      labels: { app: null },
      rejected: [
        { name: 'label', reason: expect.stringContaining('selects only on labels') },
        { name: 'gate', reason: 'the Pod declares no readiness gate pitstop.dev/in-service' },
        { name: 'selector', reason: expect.stringContaining('only --route=selector chooses it') },
      ],
    });
  });

  it('changes only a label that the owner does not select on, when each Service has one', () => {
    const world = snapshot({
      pod: pod({ app: 'web', traffic: 'on', ...hash }),
      owner: replicaSet({ app: 'web', ...hash }),
      services: [service('a', { app: 'web', traffic: 'on' }), service('b', { traffic: 'on' })],
    });
    expect(choose(world)).toMatchObject({ name: 'label', labels: { traffic: null } });
  });

  it('needs one key per Service when none is shared', () => {
    const world = snapshot({
      pod: pod({ one: '1', two: '2' }),
      services: [service('a', { one: '1' }), service('b', { two: '2' })],
    });
    expect(choose(world)).toMatchObject({ name: 'label', labels: { one: null, two: null } });
  });

  it.each(['statefulset.kubernetes.io/pod-name', 'controller-revision-hash'])(
    'releases a Pod of a StatefulSet from a Service that selects on %s, which the owner keeps',
    (key) => {
      const world = snapshot({
        pod: pod({ app: 'db', [key]: 'db-1' }),
        owner: {
          kind: 'StatefulSet',
          statefulSet: {
            metadata: { name: 'db', uid: 's1' },
            spec: { serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: {} },
          },
        },
        services: [service('db-1', { [key]: 'db-1' })],
      });
      expect(choose(world)).toMatchObject({ name: 'release', labels: { [key]: null, app: null } });
    },
  );

  it("changes a static Pod's label: the Node that owns its mirror looks at none", () => {
    const reference = { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'n1' };
    const world = snapshot({
      pod: pod({ app: 'proxy' }),
      owner: { kind: 'Other', reference },
      services: [service('proxy', { app: 'proxy' })],
    });
    expect(choose(world)).toMatchObject({ name: 'label', labels: { app: null } });
  });

  it('changes no label when no Service selects the Pod', () => {
    expect(choose(snapshot({ pod: pod({ app: 'x' }) }))).toMatchObject({
      name: 'none',
      labels: {},
    });
  });

  it('refuses a forced route that cannot cover every Service', () => {
    const world = snapshot({
      pod: pod({ app: 'my-api', ...hash }),
      owner: replicaSet({ app: 'my-api', ...hash }),
      services: [service('my-svc', { app: 'my-api' })],
    });
    expect(choose(world, 'label').name).toBeUndefined();
  });

  it('never leaves a Service selecting the Pod, nor an owner of route label noticing, in any world', () => {
    const keys = ['app', 'tier', 'traffic', 'track', 'pod-template-hash'] as const;
    const labels = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom('a', 'b'), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(
        labels,
        fc.array(labels, { maxLength: 4 }),
        fc.option(fc.subarray([...keys]), { nil: undefined }),
        (podLabels, selectors, ownerKeys) => {
          const matchLabels = Object.fromEntries(
            (ownerKeys ?? []).flatMap((key) => (podLabels[key] ? [[key, podLabels[key]]] : [])),
          );
          const owner = Object.keys(matchLabels).length > 0 ? replicaSet(matchLabels) : undefined;
          const world = snapshot({
            pod: pod(podLabels),
            owner,
            services: selectors.map((selector, at) => service(`s${at}`, selector)),
          });
          const choice = choose(world);
          if (choice.name === undefined) return;
          const after = changedLabels(podLabels, choice.labels);
          expect(world.services.some(({ spec }) => matchesMap(spec?.selector, after))).toBe(false);
          if (!owner) return;
          const owned = matchesSelector(ownerSelector(owner), after);
          expect(owned).toBe(choice.name !== 'release');
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
