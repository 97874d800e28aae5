import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rearrange } from './memory.ts';
import { commandsBetween, emptyRuleset, type Ruleset } from './ruleset.ts';

const one: Ruleset = {
  sets: new Map([['backends-s', 'map { type mark : mark; }']]),
  chains: new Map([['s', ['ct mark set numgen random mod 2', 'goto translate']]]),
  endpoints: new Map([[1, { address: '10.244.1.2', port: 8080 }]]),
  lists: new Map([['backends-s', [1]]]),
  elements: new Map([['services', new Map([['10.96.0.1 . tcp . 80', 'goto s']])]]),
};

test('makes what is referred to before what refers to it, and the other way round', () => {
  expect(commandsBetween(emptyRuleset, one)).toEqual([
    'add map ip pitstop backends-s { type mark : mark; }',
    'add chain ip pitstop s',
    'add element ip pitstop targets { 1 : 10.244.1.2 . 8080 }',
    'add element ip pitstop loops { 1 . 10.244.1.2 }',
    'add element ip pitstop backends-s { 0 : 1 }',
    'add rule ip pitstop s ct mark set numgen random mod 2',
    'add rule ip pitstop s goto translate',
    'add element ip pitstop services { 10.96.0.1 . tcp . 80 : goto s }',
  ]);
  expect(commandsBetween(one, emptyRuleset)).toEqual([
    'delete element ip pitstop services { 10.96.0.1 . tcp . 80 : goto s }',
    'delete element ip pitstop targets { 1 : 10.244.1.2 . 8080 }',
    'delete element ip pitstop loops { 1 . 10.244.1.2 }',
    'flush chain ip pitstop s',
    'delete chain ip pitstop s',
    'delete map ip pitstop backends-s',
  ]);
  expect(commandsBetween(one, one)).toEqual([]);
});

test('replaces a value in one command line', () => {
  const other = { ...one, lists: new Map([['backends-s', [7]]]) };
  expect(commandsBetween(one, other)).toEqual([
    'delete element ip pitstop backends-s { 0 : 1 }; add element ip pitstop backends-s { 0 : 7 }',
  ]);
});

test('an order holds exactly what is wanted, and moves no more than it has to', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(30)), fc.uniqueArray(fc.nat(30)), (before, wanted) => {
      const order = rearrange(before, wanted);
      expect(order.toSorted((a, b) => a - b)).toEqual(wanted.toSorted((a, b) => a - b));
      const moved = order.filter((number, index) => before[index] !== number);
      const gone = before.filter((number) => !wanted.includes(number)).length;
      const come = wanted.filter((number) => !before.includes(number)).length;
      expect(moved.length).toBeLessThanOrEqual(Math.max(gone, come));
    }),
  );
});
