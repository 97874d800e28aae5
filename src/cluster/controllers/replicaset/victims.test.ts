import fc from 'fast-check';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { timestamp } from '../clock.ts';
import { chooseVictims } from './victims.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const COST = 'controller.kubernetes.io/pod-deletion-cost';

interface Traits {
  readonly node: '' | 'node1' | 'node2';
  readonly phase: 'Pending' | 'Unknown' | 'Running';
  readonly ready: boolean;
  readonly cost: number;
  readonly readyForSeconds: number;
  readonly restarts: number;
  readonly ageSeconds: number;
}

const DEFAULTS: Traits = {
  node: 'node1',
  phase: 'Running',
  ready: true,
  cost: 0,
  readyForSeconds: 100,
  restarts: 0,
  ageSeconds: 100,
};

function pod(uid: string, traits: Partial<Traits> = {}): Pod {
  const { node, phase, ready, cost, readyForSeconds, restarts, ageSeconds } = {
    ...DEFAULTS,
    ...traits,
  };
  const before = (seconds: number) => timestamp(NOW - seconds * 1000);
  return {
    metadata: {
      name: uid,
      uid,
      namespace: 'default',
      creationTimestamp: before(ageSeconds),
      annotations: cost === 0 ? {} : { [COST]: String(cost) },
    },
    spec: { containers: [], ...(node && { nodeName: node }) },
    status: {
      phase,
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          lastTransitionTime: before(readyForSeconds),
        },
      ],
      containerStatuses: [{ name: 'web', image: '', imageID: '', ready, restartCount: restarts }],
    },
  };
}

function victims(pods: readonly Pod[], count = 1, related: readonly Pod[] = pods): unknown[] {
  return chooseVictims(pods, { count, related, now: NOW }).map(({ metadata }) => metadata?.uid);
}

/** Rungs are compared from the first on; the first that differs decides. */
function diesBefore(a: readonly number[], b: readonly number[]): boolean {
  const rule = a.findIndex((rung, index) => rung !== b[index]);
  return rule >= 0 && a[rule]! < b[rule]!;
}

describe('chooseVictims()', () => {
  it.each<[string, Partial<Traits>, Partial<Traits>]>([
    ['1: without a node before assigned', { node: '' }, {}],
    ['2: Pending before Running', { phase: 'Pending' }, {}],
    ['2: Pending before Unknown', { phase: 'Pending' }, { phase: 'Unknown' }],
    ['2: Unknown before Running', { phase: 'Unknown' }, {}],
    ['3: unready before ready, whatever it costs', { ready: false, cost: 1000 }, { cost: -1000 }],
    ['4: cheap before dear', { cost: -1 }, {}],
    ['4: cost before age', { cost: 0, readyForSeconds: 9000 }, { cost: 1000, readyForSeconds: 1 }],
    ['6: ready for less time', { readyForSeconds: 10 }, { readyForSeconds: 1000 }],
    ['7: more restarts', { restarts: 2 }, { restarts: 1 }],
    ['8: younger', { ageSeconds: 10 }, { ageSeconds: 1000 }],
  ])('%s', (_rule, first, second) => {
    expect(victims([pod('b', second), pod('a', first)])).toEqual(['a']);
    expect(victims([pod('a', second), pod('b', first)])).toEqual(['b']);
  });

  it('5: thins out the node with most Pods of the family', () => {
    const [a, b] = [pod('a', { node: 'node1' }), pod('b', { node: 'node2' })];
    const sibling = pod('c', { node: 'node2' });
    expect(victims([a, b], 1, [a, b, sibling])).toEqual(['b']);
    const finished = { ...sibling, status: { ...sibling.status, phase: 'Succeeded' } };
    expect(victims([a, b], 1, [a, b, finished])).toEqual(['a']);
  });

  it('6: within one power of two of time ready, the uid decides', () => {
    // 40 s and 55 s lie between 2^35 and 2^36 ns.
    const older = { readyForSeconds: 55 };
    const younger = { readyForSeconds: 40 };
    expect(victims([pod('a', older), pod('b', younger)])).toEqual(['a']);
    expect(victims([pod('b', older), pod('a', younger)])).toEqual(['a']);
  });

  it('is a total order in which a rule counts only when all before it are equal', () => {
    const traits = fc.record({
      node: fc.constantFrom('' as const, 'node1' as const, 'node2' as const),
      phase: fc.constantFrom('Pending' as const, 'Unknown' as const, 'Running' as const),
      ready: fc.boolean(),
      cost: fc.integer({ min: -2, max: 2 }),
      readyForSeconds: fc.constantFrom(1, 10, 100, 1000),
      restarts: fc.integer({ min: 0, max: 2 }),
      ageSeconds: fc.constantFrom(1, 10, 100, 1000),
    });
    fc.assert(
      fc.property(fc.array(traits, { minLength: 2, maxLength: 12 }), fc.nat(), (all, seed) => {
        const pods = all.map((each, index) => pod(String.fromCodePoint(97 + index), each));
        const count = 1 + (seed % (pods.length - 1));
        const chosen = chooseVictims(pods, { count, related: pods, now: NOW });
        const spared = pods.filter((each) => !chosen.includes(each));
        expect(chosen).toHaveLength(count);
        const onNode = (node: string) => all.filter((each) => each.node === node).length;
        const ladder = (each: Pod): number[] => {
          const one = all[pods.indexOf(each)]!;
          return [
            one.node === '' ? 0 : 1,
            ['Pending', 'Unknown', 'Running'].indexOf(one.phase),
            one.ready ? 1 : 0,
            one.cost,
            -onNode(one.node),
            one.ready ? one.readyForSeconds : 0,
            -one.restarts,
            one.ageSeconds,
          ];
        };
        const wronged = chosen.flatMap((victim) =>
          spared.filter((survivor) => diesBefore(ladder(survivor), ladder(victim))),
        );
        expect(wronged).toEqual([]);
        // The order they come in does not matter, but for Pods that no rule tells apart.
        const again = chooseVictims(pods.toReversed(), { count, related: pods, now: NOW });
        const signature = (each: Pod) => ladder(each).join();
        expect(again.map(signature).sort()).toEqual(chosen.map(signature).sort());
      }),
    );
  });
});
