import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import type { Random } from './random.ts';

export interface Body {
  readonly contentType: string;
  readonly bytes: Buffer;
}

const PATCHES = [
  'application/strategic-merge-patch+json',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
];
const OTHERS = [
  'text/plain',
  '',
  'application/',
  'multipart/form-data; boundary=x',
  'application/json;charset=utf-16',
  'application/cbor',
];

/** Never more than two: a cluster makes as many Pods as it is told to, and that is no fault of its. */
const COUNTS = new Set(['replicas', 'parallelism', 'completions', 'minReplicas', 'maxReplicas']);

const pod = {
  metadata: { labels: { app: 'web' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'web',
        image: 'not-registered:1',
        ports: [{ containerPort: 80 }],
        env: [{ name: 'A', value: 'b' }],
        resources: { requests: { cpu: '10m', memory: '8Mi' } },
        readinessProbe: { httpGet: { path: '/', port: 80 } },
        volumeMounts: [{ name: 'space', mountPath: '/space' }],
      },
    ],
    volumes: [{ name: 'space', emptyDir: {} }],
  },
};
const selector = { matchLabels: { app: 'web' } };

/** What could be valid, by kind; other kinds get metadata and whatever the mutations make of it. */
const SPECS: Readonly<Record<string, object>> = {
  Pod: pod,
  ConfigMap: { data: { key: 'value', 'other.yaml': 'a: b\n' }, binaryData: { bytes: 'AAEC' } },
  Secret: { type: 'Opaque', data: { password: 'c2VjcmV0' } },
  Service: { spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] } },
  Deployment: { spec: { replicas: 1, selector, template: pod } },
  ReplicaSet: { spec: { replicas: 1, selector, template: pod } },
  StatefulSet: { spec: { replicas: 1, serviceName: 'web', selector, template: pod } },
  DaemonSet: { spec: { selector, template: pod } },
  Job: {
    spec: { parallelism: 1, template: { ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } } },
  },
  ReplicationController: { spec: { replicas: 1, selector: { app: 'web' }, template: pod } },
  PodDisruptionBudget: { spec: { minAvailable: 1, selector } },
  HorizontalPodAutoscaler: {
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' },
      maxReplicas: 2,
    },
  },
  Role: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  ClusterRole: { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
  RoleBinding: {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
  },
  EndpointSlice: {
    addressType: 'IPv4',
    ports: [{ port: 80 }],
    endpoints: [{ addresses: ['10.1.2.3'] }],
  },
  Endpoints: { subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] },
  Lease: { spec: { holderIdentity: 'me', leaseDurationSeconds: 30 } },
  Scale: { spec: { replicas: 1 } },
  Eviction: { deleteOptions: { gracePeriodSeconds: 0 } },
  Binding: { target: { kind: 'Node', name: 'fuzz-1' } },
  TokenRequest: { spec: { audiences: ['x'], expirationSeconds: 600 } },
  SubjectAccessReview: {
    spec: { user: 'jane', resourceAttributes: { verb: 'get', resource: 'pods' } },
  },
  SelfSubjectAccessReview: { spec: { nonResourceAttributes: { path: '/x', verb: 'get' } } },
  SelfSubjectRulesReview: { spec: { namespace: 'default' } },
  TokenReview: { spec: { token: 'abc' } },
};

/** A body for a request to one kind: sound, mutated, of another kind's format, or no format at all. */
export function bodyFor(
  random: Random,
  of: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly isPatch: boolean;
  },
): Body {
  const { apiVersion, kind, name, isPatch } = of;
  let value: unknown = {
    apiVersion,
    kind,
    metadata: { name, labels: { fuzz: 'yes' }, annotations: {} },
    ...structuredClone(SPECS[kind] ?? { spec: {}, status: {} }),
  };
  if (isPatch && random.chance(0.3)) value = jsonPatch(random);
  for (let count = random.below(4); count > 0; count -= 1) value = mutate(random, value);
  const contentType = isPatch ? random.pick(PATCHES) : 'application/json';
  const text = JSON.stringify(value) ?? 'null';
  switch (random.below(20)) {
    case 0:
      return { contentType: 'application/yaml', bytes: Buffer.from(stringify(value)) };
    case 1:
      return { contentType: 'application/yaml', bytes: Buffer.from(oddYaml(random)) };
    case 2:
      return { contentType: 'application/vnd.kubernetes.protobuf', bytes: protobuf(random) };
    case 3:
      return { contentType, bytes: Buffer.from(text).subarray(0, random.below(text.length + 1)) };
    case 4:
      return { contentType, bytes: flipped(random, Buffer.from(text)) };
    case 5:
      return { contentType, bytes: random.bytes(200) };
    case 6:
      return { contentType: random.pick([...OTHERS, ...PATCHES]), bytes: Buffer.from(text) };
    case 7:
      return { contentType, bytes: Buffer.from(deep(random)) };
    case 8:
      return {
        contentType,
        bytes: Buffer.from(text.replace('{', '{"metadata":{"name":"twice"},')),
      };
    case 9:
      return random.chance(0.05)
        ? { contentType, bytes: Buffer.alloc(3 * 1024 * 1024 + random.below(4096), 32) }
        : { contentType, bytes: gzipSync(text) };
    default:
      return { contentType, bytes: Buffer.from(text) };
  }
}

const KEYS = [
  'metadata',
  'spec',
  'status',
  'name',
  '__proto__',
  'constructor',
  '$patch',
  '',
  'x',
  'finalizers',
];

function scalar(random: Random, key: string): unknown {
  const numbers = COUNTS.has(key)
    ? [-1, 0, 1, 2, 1.5]
    : [-1, 0, 1, 1.5, 65_536, 2 ** 31, 2 ** 53, 1e308, -(2 ** 63)];
  return random.pick<unknown>([
    null,
    true,
    '',
    'x',
    'ünïcode\u0000\ud800',
    'a'.repeat(300),
    '../../etc/passwd',
    '2006-01-02T15:04:05Z',
    '10Gi',
    [],
    {},
    [null],
    [{}],
    { $patch: 'replace' },
    { $patch: 'delete' },
    ...numbers,
  ]);
}

/** The value with one place in it changed. */
function mutate(random: Random, value: unknown, key = ''): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.15))
    return scalar(random, key);
  if (Array.isArray(value)) {
    const list: unknown[] = [...(value as unknown[])];
    if (list.length === 0 || random.chance(0.2)) return [...list, ...list, scalar(random, key)];
    const at = random.below(list.length);
    list[at] = mutate(random, list[at], key);
    return list;
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random.chance(0.15)) {
    const added = random.pick(KEYS);
    return Object.fromEntries([...entries, [added, scalar(random, added)]]);
  }
  const at = random.below(entries.length);
  if (random.chance(0.1)) return Object.fromEntries(entries.filter((_, index) => index !== at));
  const [name, before] = entries[at]!;
  entries[at] = [name, mutate(random, before, name)];
  return Object.fromEntries(entries);
}

function jsonPatch(random: Random): object[] {
  const paths = [
    '',
    '/',
    '/metadata/labels/x',
    '/spec/replicas',
    '/metadata',
    '/a~1b/~0',
    '/spec/containers/-',
    '/spec/containers/99',
    '/metadata/name',
    '/__proto__/x',
  ];
  return Array.from({ length: random.below(4) }, () => ({
    op: random.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'no-such']),
    path: random.pick(paths),
    ...(random.chance(0.5) && { from: random.pick(paths) }),
    ...(random.chance(0.8) && { value: scalar(random, 'replicas') }),
  }));
}

function oddYaml(random: Random): string {
  return random.pick([
    'a: &a [*a, *a]\n',
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: &d [${'*c,'.repeat(9)}]\ne: [${'*d,'.repeat(9)}]\n`,
    '? {a: b}\n: c\n',
    'kind: !!js/function "x"\n',
    '%YAML 3.0\n---\na: b\n',
    '---\na: b\n---\nc: d\n',
    '\tkind: Pod\n',
    'kind: Pod\nkind: Service\n',
    '<<: {a: b}\n',
    `${'- '.repeat(5000)}x\n`,
    '{'.repeat(5000),
  ]);
}

function protobuf(random: Random): Buffer {
  const typeMeta = Buffer.from('\x0a\x02v1\x12\x03Pod', 'latin1');
  const unknown = Buffer.concat([
    Buffer.from([0x0a, typeMeta.length]),
    typeMeta,
    Buffer.from([0x12]),
    random.bytes(60),
  ]);
  return Buffer.concat([
    Buffer.from('k8s\0', 'latin1'),
    random.chance(0.5) ? unknown : random.bytes(60),
  ]);
}

function deep(random: Random): string {
  const depth = random.pick([100, 1000, 10_000, 100_000]);
  return random.chance(0.5)
    ? `${'['.repeat(depth)}${']'.repeat(depth)}`
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

function flipped(random: Random, bytes: Buffer): Buffer {
  for (let count = 1 + random.below(4); count > 0; count -= 1)
    bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}
