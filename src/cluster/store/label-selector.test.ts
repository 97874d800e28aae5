import { describe, expect, it } from 'vitest';
import { formatLabelSelector, labelSelectorMatcher, parseLabelSelector } from './label-selector.ts';

const labels = { app: 'web', tier: 'front', 'a.b/c': '', weight: '5' };

describe('parseLabelSelector', () => {
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web,tier=front', true],
    ['app=web,tier=back', false],
    ['app!=web', false],
    ['absent!=x', true],
    ['app in (web, api)', true],
    ['app notin (web)', false],
    ['absent notin (web)', true],
    ['app', true],
    ['!app', false],
    ['!absent', true],
    [' a.b/c= ', true],
    ['a.b/c', true],
    ['weight>4,weight<6', true],
    ['weight>5', false],
    ['in in (x)', false],
    ['app in (,web)', true],
  ])('%s', (selector, expected) => {
    expect(parseLabelSelector(selector)(labels)).toBe(expected);
  });

  it('selects by what is not there also when there are no labels', () => {
    expect(parseLabelSelector('!app')(undefined)).toBe(true);
    expect(parseLabelSelector('constructor')(undefined)).toBe(false);
  });

  it.each([
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a,', "found '', expected: identifier after ','"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ])('refuses %s', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(message);
  });
});

describe('labelSelectorMatcher', () => {
  it('selects nothing without a selector and everything with an empty one', () => {
    expect(labelSelectorMatcher(undefined)(labels)).toBe(false);
    expect(labelSelectorMatcher({})(labels)).toBe(true);
  });

  it('joins labels and expressions by and', () => {
    const matchExpressions = [{ key: 'tier', operator: 'In', values: ['front', 'back'] }];
    expect(labelSelectorMatcher({ matchLabels: { app: 'web' }, matchExpressions })(labels)).toBe(
      true,
    );
    expect(labelSelectorMatcher({ matchLabels: { app: 'api' }, matchExpressions })(labels)).toBe(
      false,
    );
  });

  it('is written as a query in order of keys', () => {
    expect(
      formatLabelSelector({
        matchLabels: { app: 'web' },
        matchExpressions: [
          { key: 'tier', operator: 'NotIn', values: ['b', 'a'] },
          { key: 'x', operator: 'Exists' },
        ],
      }),
    ).toBe('app=web,tier notin (a,b),x');
  });
});
