import type {
  Container,
  PodSpec,
  ServiceAccount,
  Volume,
  VolumeMount,
} from 'kubernetes-types/core/v1.js';
import { keyOf, type Store } from '../../store/index.ts';
import { AUTOMOUNTED_SECONDS } from '../auth/token-request.ts';
import { randomSuffix } from '../pipeline/random-suffix.ts';
import type { Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { forbidden } from '../words.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const DEFAULT = 'default';
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const VOLUME_PREFIX = 'kube-api-access-';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_MODE = 0o644;

/** One for all Pods: it is in each of them. */
const API_ACCESS: NonNullable<Volume['projected']> = {
  sources: [
    { serviceAccountToken: { expirationSeconds: AUTOMOUNTED_SECONDS, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: {
        items: [
          { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
        ],
      },
    },
  ],
  defaultMode: VOLUME_MODE,
};

/** Gives a new Pod its service account, and with it a token, the API server's certificate and its image pull secrets. Throws 403 when there is no such account. */
export function admitServiceAccount(store: Store, resource: Resource, draft: Draft): void {
  if (draft.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return;
  const spec = draft.spec as unknown as Mutable<PodSpec>;
  spec.serviceAccountName = spec.serviceAccountName || spec.serviceAccount || DEFAULT;
  spec.serviceAccount = spec.serviceAccountName;
  const account = accountOf(store, resource, draft, spec.serviceAccountName);
  const mounts = spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true;
  if (mounts) mountToken(spec);
  if (!spec.imagePullSecrets?.length && account?.imagePullSecrets?.length) {
    spec.imagePullSecrets = account.imagePullSecrets;
  }
}

/** Undefined is the `default` that its controller is about to make: upstream waits for it here. */
function accountOf(
  store: Store,
  resource: Resource,
  { metadata }: Draft,
  name: string,
): ServiceAccount | undefined {
  const found = store.collection('serviceaccounts').get(keyOf(metadata.namespace, name));
  if (found || name === DEFAULT) return found?.object as ServiceAccount | undefined;
  throw forbidden(
    resource,
    // Upstream has not made a name of it yet.
    metadata.generateName ?? metadata.name ?? '',
    `error looking up service account ${metadata.namespace}/${name}: serviceaccount "${name}" not found`,
  );
}

function mountToken(spec: Mutable<PodSpec>): void {
  const existing = spec.volumes?.find(({ name }) => name.startsWith(VOLUME_PREFIX));
  const name = existing?.name ?? VOLUME_PREFIX + randomSuffix();
  const mount: VolumeMount = { name, readOnly: true, mountPath: MOUNT_PATH };
  let isNeeded = false;
  const withMount = (container: Container): Container => {
    if (container.volumeMounts?.some(({ mountPath }) => mountPath === MOUNT_PATH)) return container;
    isNeeded = true;
    return { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] };
  };
  if (spec.initContainers) spec.initContainers = spec.initContainers.map(withMount);
  spec.containers = (spec.containers ?? []).map(withMount);
  if (isNeeded && !existing) {
    spec.volumes = [...(spec.volumes ?? []), { name, projected: API_ACCESS }];
  }
}
