import fc from 'fast-check';
import type { PolicyRule } from 'kubernetes-types/rbac/v1.js';
import { describe, expect, it } from 'vitest';
import type { Attributes } from '../attributes.ts';
import { describeRules, missingRules, ruleAllows } from './rules.ts';

const some = (...values: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
const verbs = some('*', 'get', 'list', 'delete');
const resourceRule: fc.Arbitrary<PolicyRule> = fc.record(
  {
    apiGroups: some('*', '', 'apps'),
    resources: some('*', 'pods', 'pods/exec', '*/exec', 'nodes'),
    resourceNames: some('a', 'b'),
    verbs,
  },
  { requiredKeys: ['apiGroups', 'resources', 'verbs'] },
);
const urlRule: fc.Arbitrary<PolicyRule> = fc.record({
  nonResourceURLs: some('*', '/healthz', '/healthz/*', '/version'),
  verbs,
});
const rules = fc.array(fc.oneof(resourceRule, urlRule), { maxLength: 4 });
const request: fc.Arbitrary<Attributes> = fc.oneof(
  fc.record({
    verb: fc.constantFrom('get', 'list', 'delete', 'create'),
    group: fc.constantFrom('', 'apps', 'batch'),
    resource: fc.constantFrom('pods', 'nodes', 'jobs'),
    subresource: fc.constantFrom('', 'exec'),
    namespace: fc.constant(''),
    name: fc.constantFrom('', 'a', 'b', 'c'),
  }),
  fc.record({
    verb: fc.constantFrom('get', 'create'),
    path: fc.constantFrom('/healthz', '/healthz/ping', '/version', '/metrics'),
  }),
);

const allows = (held: readonly PolicyRule[], asked: Attributes) =>
  held.some((rule) => ruleAllows(rule, asked));

describe('rules', () => {
  it('that cover others allow all that those allow', () => {
    fc.assert(
      fc.property(rules, rules, request, (held, wanted, asked) => {
        const isCovered = missingRules(held, wanted).length === 0;
        expect(!isCovered || !allows(wanted, asked) || allows(held, asked)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('cover themselves, and everything is covered by everything', () => {
    const everything = [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ];
    fc.assert(
      fc.property(rules, (held) => {
        expect(missingRules(held, held)).toEqual([]);
        expect(missingRules(everything, held)).toEqual([]);
      }),
    );
  });

  it('with what they miss added cover what was wanted', () => {
    fc.assert(
      fc.property(rules, rules, (held, wanted) => {
        const added = [...held, ...missingRules(held, wanted)];
        expect(missingRules(added, wanted)).toEqual([]);
      }),
    );
  });

  it('are put together when they are about the same thing', () => {
    const pods = { apiGroups: [''], resources: ['pods'] };
    expect(
      describeRules([
        { ...pods, verbs: ['get'] },
        { nonResourceURLs: ['/x'], verbs: ['get'] },
        { ...pods, verbs: ['list'] },
        { ...pods, resourceNames: ['a'], verbs: ['delete'] },
      ]),
    ).toEqual([
      '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["delete"]}',
      '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
      '{NonResourceURLs:["/x"], Verbs:["get"]}',
    ]);
  });
});
