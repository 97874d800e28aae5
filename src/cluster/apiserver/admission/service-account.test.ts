import type { Pod, PodSpec } from 'kubernetes-types/core/v1.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';

const server = useApiServer();

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const container = { name: 'c', image: 'x' };

const create = (name: string, spec: object = {}): PodSpec =>
  server().api.create<Pod>('pods', {
    metadata: { name, namespace: 'default' },
    spec: { containers: [container], ...spec },
  }).spec!;

const mountsOf = ({ containers, initContainers = [] }: PodSpec) =>
  [...containers, ...initContainers].map(({ volumeMounts = [] }) =>
    volumeMounts.map(({ name, mountPath }) => [name, mountPath]),
  );

beforeAll(() => {
  const { api } = server();
  const namespace = 'default';
  api.create('serviceaccounts', { metadata: { name: 'default', namespace } });
  api.create('serviceaccounts', {
    metadata: { name: 'quiet', namespace },
    automountServiceAccountToken: false,
  });
  api.create('serviceaccounts', {
    metadata: { name: 'puller', namespace },
    imagePullSecrets: [{ name: 'registry' }],
  });
});

describe('a new Pod', () => {
  it('is given the default account and its token, in init containers as well', () => {
    const spec = create('plain', { initContainers: [{ ...container, name: 'i' }] });
    expect([spec.serviceAccountName, spec.serviceAccount]).toEqual(['default', 'default']);
    const [volume] = spec.volumes ?? [];
    expect(volume?.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume?.projected?.sources?.map((source) => Object.keys(source)[0])).toEqual([
      'serviceAccountToken',
      'configMap',
      'downwardAPI',
    ]);
    expect(mountsOf(spec)).toEqual([[[volume?.name, MOUNT_PATH]], [[volume?.name, MOUNT_PATH]]]);
  });

  it('may do without, by its own word before that of its account', () => {
    const without = create('without', { automountServiceAccountToken: false });
    expect([without.volumes, mountsOf(without)]).toEqual([undefined, [[]]]);
    expect(create('quiet', { serviceAccountName: 'quiet' }).volumes).toBeUndefined();
    const loud = { serviceAccountName: 'quiet', automountServiceAccountToken: true };
    expect(create('loud', loud).volumes).toHaveLength(1);
  });

  it('keeps what it mounts there itself', () => {
    const own = { name: 'own', mountPath: MOUNT_PATH };
    const spec = create('own', {
      volumes: [{ name: 'own', emptyDir: {} }],
      containers: [
        { ...container, volumeMounts: [own] },
        { ...container, name: 'other' },
      ],
    });
    expect(spec.volumes).toHaveLength(2);
    expect(mountsOf(spec)).toEqual([
      [['own', MOUNT_PATH]],
      [[expect.stringMatching(/^kube-api-access-/), MOUNT_PATH]],
    ]);
  });

  it('that is a copy of another one gets no second volume', () => {
    const first = create('first');
    const copy = create('copy', { volumes: first.volumes, containers: first.containers });
    expect(copy.volumes).toEqual(first.volumes);
    expect(mountsOf(copy)).toEqual(mountsOf(first));
  });

  it("has its account's image pull secrets unless it names its own", () => {
    const serviceAccountName = 'puller';
    expect(create('pulls', { serviceAccountName }).imagePullSecrets).toEqual([
      { name: 'registry' },
    ]);
    const imagePullSecrets = [{ name: 'own' }];
    expect(create('own-secret', { serviceAccountName, imagePullSecrets }).imagePullSecrets).toEqual(
      imagePullSecrets,
    );
  });

  it('of an account that is not there is refused', async () => {
    const post = (metadata: object) =>
      server().call('/api/v1/namespaces/default/pods', {
        method: 'POST',
        body: { metadata, spec: { serviceAccountName: 'nobody', containers: [container] } },
      });
    const why =
      'error looking up service account default/nobody: serviceaccount "nobody" not found';
    const { status, body } = await post({ name: 'lost' });
    expect([status, body.message]).toEqual([403, `pods "lost" is forbidden: ${why}`]);
    expect((await post({ generateName: 'lost-' })).body.message).toBe(
      `pods "lost-" is forbidden: ${why}`,
    );
  });
});
