import type { Random } from '../../slow/fuzz/random.ts';

/** A Pod's spec that an API server takes, or nearly: what it asks for may not be there, or make no sense. */
export function oddPod(random: Random): object {
  return {
    terminationGracePeriodSeconds: 2,
    restartPolicy: random.pick(['Always', 'Never', 'OnFailure']),
    containers: [container(random, 'box'), ...some(random, 0.2, () => container(random, 'other'))],
    initContainers: some(random, 0.15, () => starter(random)),
    volumes: [{ name: 'space', ...volume(random) }],
    hostNetwork: random.chance(0.08),
    shareProcessNamespace: random.chance(0.1),
    ...(random.chance(0.1) && { activeDeadlineSeconds: 2 }),
    securityContext: {
      ...(random.chance(0.2) && { fsGroup: random.pick([0, 1000]) }),
      ...(random.chance(0.1) && { sysctls: [{ name: 'kernel.none', value: '1' }] }),
    },
  };
}

function some<T>(random: Random, probability: number, make: () => T): T[] {
  return random.chance(probability) ? [make()] : [];
}

function starter(random: Random): object {
  const {
    readinessProbe: _,
    livenessProbe: __,
    lifecycle: ___,
    ...rest
  } = container(random, 'init');
  return rest;
}

function container(random: Random, name: string) {
  return {
    name,
    image: random.pick(['busybox', 'busybox', 'busybox', 'registry.k8s.io/pause:3.9', 'none:1']),
    command: random.pick(COMMANDS),
    stdin: random.chance(0.3),
    tty: random.chance(0.15),
    workingDir: random.pick([undefined, undefined, '/tmp', '/none', 'relative', '/etc/passwd']),
    ports: random.chance(0.5) ? [{ name: 'http', containerPort: 80 }] : [],
    env: [
      { name: 'A', value: random.pick(WORDS) },
      { name: random.pick(['B', 'PATH', 'HOME', 'LD_PRELOAD', 'a.b']), value: random.pick(WORDS) },
    ],
    volumeMounts: [{ name: 'space', mountPath: random.pick(PLACES), readOnly: random.chance(0.3) }],
    ...(random.chance(0.5) && { readinessProbe: probe(random) }),
    ...(random.chance(0.4) && { livenessProbe: probe(random) }),
    lifecycle: {
      ...(random.chance(0.2) && { postStart: handler(random) }),
      ...(random.chance(0.2) && { preStop: handler(random) }),
    },
    securityContext: {
      ...(random.chance(0.2) && { runAsUser: random.pick([0, 1000, 65_534]) }),
      ...(random.chance(0.2) && { readOnlyRootFilesystem: true }),
      ...(random.chance(0.2) && { capabilities: { drop: ['ALL'] } }),
    },
    terminationMessagePath: random.pick(['/dev/termination-log', '/dev/x', '/none/x', '/tmp/a b']),
  };
}

const COMMANDS = [
  ['sleep', '100'],
  ['sleep', '100'],
  ['sh', '-c', 'sleep 1; exit 3'],
  ['true'],
  ['none'],
  [''],
  ['/'],
  ['$(A)'],
  ['a\0b'],
  ['sh', '-c', 'yes | head -c 3000000; sleep 100'],
  ['sh', '-c', 'exec >&- 2>&-; sleep 100'],
  ['sh', '-c', 'kill -9 $$'],
  ['sh', '-c', 'sleep 100 & sleep 100 &'],
  ['sh', '-c', 'cat; sleep 100'],
];
const WORDS = ['', 'x', '/', '..', 'a b', 'ünï', 'a'.repeat(300), '$(A)', '\n', "'", '"', '`id`'];
const PLACES = [
  '/data',
  '/data/deep/er',
  '/etc',
  '/',
  '/proc',
  '/dev',
  '/tmp',
  '/usr',
  'relative',
  '/a b',
  '/ünï',
  "/q'q",
  '/tab\tx',
  '/back\\slash',
  '/n\nl',
  '/etc/passwd',
];

function probe(random: Random): object {
  const what = random.chance(0.15) ? { grpc: { port: random.pick([1, 80]) } } : handler(random);
  return { ...what, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: random.pick([1, 3]) };
}

function handler(random: Random): object {
  const port = random.pick<number | string>([1, 80, 8080, 65_535, 'http', 'none']);
  const host = random.pick([undefined, '127.0.0.1', 'a b', '::1', '[::1]', '255.255.255.255']);
  const path = random.pick([undefined, '', 'x', '/x?y#z', '/\u0001', '//', '/%zz']);
  const scheme = random.pick([undefined, 'HTTP', 'HTTPS']);
  const value = random.pick(['x', 'a\nb', 'ü😀', '']);
  const command = random.pick([['true'], ['none'], ['sleep', '5'], [''], ['/'], ['yes'], ['a\0b']]);
  return random.pick<() => object>([
    () => ({ httpGet: { port, host, path, scheme, httpHeaders: [{ name: 'X', value }] } }),
    () => ({ tcpSocket: { port, host } }),
    () => ({ exec: { command } }),
  ])();
}

function volume(random: Random): object {
  const optional = random.chance(0.7);
  return random.pick<object>([
    { emptyDir: {} },
    { emptyDir: { medium: 'Memory', sizeLimit: random.pick(['1Mi', '0', '1']) } },
    { configMap: { name: random.pick(['settings', 'none']), optional } },
    { configMap: { name: 'settings', items: [{ key: 'none', path: 'x' }], optional } },
    { secret: { secretName: 'none', optional } },
    { hostPath: { path: random.pick(['/tmp', '/none', '/dev/null']) } },
    { persistentVolumeClaim: { claimName: 'none' } },
  ]);
}
