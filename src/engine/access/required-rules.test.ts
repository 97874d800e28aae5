import { describe, expect, it } from 'vitest';
import { requiredRules, type AccessNeeds } from './required-rules.ts';
import { roleFor, roleYaml } from './role.ts';

/** `get pods`, `get pods/exec (web-1)`. */
function needed(needs: AccessNeeds): readonly string[] {
  return requiredRules(needs)
    .filter(({ optional }) => optional === undefined)
    .map(({ verb, resource, name }) => `${verb} ${resource}${name ? ` (${name})` : ''}`);
}

const reading = [
  'get pods',
  'list pods',
  'watch pods',
  'list services',
  'list endpointslices',
  'watch endpointslices',
];

describe('what a session needs', () => {
  it('by route label: to patch this one Pod', () => {
    expect(needed({ route: 'label', pod: 'web-1', ownerKinds: ['ReplicaSet'] })).toEqual([
      ...reading,
      'get replicasets',
      'patch pods (web-1)',
    ]);
  });

  it('by route gate: its status, too', () => {
    expect(needed({ route: 'gate', pod: 'web-1' })).toEqual([
      ...reading,
      'patch pods (web-1)',
      'patch pods/status (web-1)',
    ]);
  });

  it('by route release: the replacement, whose name nobody knows yet', () => {
    expect(needed({ route: 'release', pod: 'web-1' })).toEqual([...reading, 'patch pods']);
  });

  it('by route selector: Services, slices and Endpoints', () => {
    expect(needed({ route: 'selector', pod: 'web-1' })).toEqual([
      ...reading,
      'patch pods (web-1)',
      'get services',
      'watch services',
      'patch services',
      'create endpointslices',
      'patch endpointslices',
      'delete endpointslices',
      'get endpoints',
      'list endpoints',
      'watch endpoints',
      'patch endpoints',
    ]);
  });

  it.each([
    [34, ['get pods/exec (web-1)']],
    [35, ['get pods/exec (web-1)', 'create pods/exec (web-1)']],
    [undefined, ['get pods/exec (web-1)']],
  ])('to exec on a server 1.%s', (serverMinor, verbs) => {
    const all = needed({ route: 'none', pod: 'web-1', execs: true, serverMinor });
    expect(all.filter((rule) => rule.includes('exec'))).toEqual(verbs);
  });

  it('to forward a port, for a diagnostic that may do without', () => {
    const needs = { route: 'none', pod: 'web-1', forwardsFor: 'go-heap', serverMinor: 35 } as const;
    const forwards = requiredRules(needs).filter(({ resource }) => resource === 'pods/portforward');
    expect(forwards.map(({ verb, name }) => `${verb} ${name}`)).toEqual([
      'get web-1',
      'create web-1',
    ]);
    expect(forwards[0]?.optional).toContain('go-heap works only where');
  });

  it('for entries made by hand, for deleting, for an ephemeral container: only then', () => {
    const needs = { route: 'label', pod: 'web-1' } as const;
    const more = (over: Partial<AccessNeeds>) =>
      needed({ ...needs, ...over }).filter((rule) => !needed(needs).includes(rule));
    expect(more({ editsEntries: true })).toEqual([
      'get endpointslices',
      'patch endpointslices',
      'get endpoints',
      'patch endpoints',
    ]);
    const selector = needed({ route: 'selector', pod: 'web-1' });
    const all = needed({ route: 'selector', pod: 'web-1', editsEntries: true });
    expect(all.filter((rule) => !selector.includes(rule))).toEqual(['get endpointslices']);
    expect(more({ deletes: true })).toEqual(['delete pods (web-1)']);
    expect(more({ addsContainer: true })).toEqual(['patch pods/ephemeralcontainers (web-1)']);
  });
});

it('prints a Role that kubectl apply takes, for a user or a service account', () => {
  const rules = requiredRules({ route: 'label', pod: 'web-1' }).filter(({ optional }) => !optional);
  expect(roleYaml(roleFor(rules, { namespace: 'shop', user: 'jane' }))).toMatchInlineSnapshot(`
    "apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: { name: "pitstop", namespace: "shop" }
    rules:
    - { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch", "patch"] }
    - { apiGroups: [""], resources: ["services"], verbs: ["list"] }
    - { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] }
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: { name: "pitstop", namespace: "shop" }
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "pitstop" }
    subjects:
    - { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane" }
    "
  `);
  const account = 'system:serviceaccount:ops:robot';
  expect(roleFor(rules, { namespace: 'shop', user: account })[1].subjects).toEqual([
    { kind: 'ServiceAccount', namespace: 'ops', name: 'robot' },
  ]);
});
