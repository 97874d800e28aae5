import type {
  ConfigMap,
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  ProjectedVolumeSource,
  Secret,
  ServiceAccountTokenProjection,
  Volume,
} from 'kubernetes-types/core/v1.js';
import type { Api } from '../../../api.ts';
import { fileOf } from '../field.ts';
import { resourceField, type Allocatable } from '../resource-field.ts';
import type { Payload, VolumeFile } from './atomic-writer.ts';
import { VolumeError } from './volume-error.ts';

export interface PayloadOptions {
  readonly api: Api;
  readonly pod: Pod;
  readonly allocatable: Allocatable;
  /** The current token for this projection; undefined where the cluster issues none. */
  readonly token: (projection: ServiceAccountTokenProjection) => string | undefined;
  /** Tokens are for one user or group only: mode 0600, whatever `defaultMode` says. */
  readonly privateTokens: boolean;
}

/** The files of a volume whose content the API server knows; undefined for any other kind. */
export function payloadOf(volume: Volume, options: PayloadOptions): Payload | undefined {
  const files = filesOf(volume, options);
  return files && new Map(files);
}

type Files = readonly (readonly [path: string, file: VolumeFile])[];

function filesOf(volume: Volume, options: PayloadOptions): Files | undefined {
  const { configMap, secret, downwardAPI, projected } = volume;
  const mode = (source: { readonly defaultMode?: number }) => source.defaultMode ?? 0o644;
  if (configMap) return configMapFiles(configMap, { ...options, mode: mode(configMap) });
  if (secret) {
    const { secretName = '', ...source } = secret;
    return secretFiles({ ...source, name: secretName }, { ...options, mode: mode(secret) });
  }
  if (downwardAPI)
    return downwardFiles(downwardAPI.items ?? [], { ...options, mode: mode(downwardAPI) });
  return projected && projectedFiles(projected, { ...options, mode: mode(projected) });
}

type Options = PayloadOptions & { readonly mode: number };

function projectedFiles(volume: ProjectedVolumeSource, options: Options): Files {
  return (volume.sources ?? []).flatMap((source): Files => {
    const { configMap, secret, downwardAPI, serviceAccountToken } = source;
    if (configMap) return configMapFiles(configMap, options);
    if (secret) return secretFiles(secret, options);
    if (downwardAPI) return downwardFiles(downwardAPI.items ?? [], options);
    const token = serviceAccountToken && options.token(serviceAccountToken);
    if (token === undefined || !serviceAccountToken) return [];
    const mode = options.privateTokens ? 0o600 : options.mode;
    return [[serviceAccountToken.path, { content: Buffer.from(token), mode }]];
  });
}

interface Reference {
  readonly name?: string;
  readonly optional?: boolean;
  readonly items?: readonly KeyToPath[];
}

function configMapFiles(source: ConfigMapVolumeSource, options: Options): Files {
  const { api, pod } = options;
  const { name = '' } = source;
  const map = api.get<ConfigMap>('configmaps', { namespace: pod.metadata?.namespace, name });
  if (!map && !source.optional) throw new VolumeError(`configmap "${name}" not found`);
  const text = Object.entries(map?.data ?? {}).map(
    ([key, value]) => [key, Buffer.from(value)] as const,
  );
  return pick([...text, ...decoded(map?.binaryData)], source, { ...options, kind: 'config' });
}

function secretFiles(source: Reference, options: Options): Files {
  const { api, pod } = options;
  const { name = '' } = source;
  const secret = api.get<Secret>('secrets', { namespace: pod.metadata?.namespace, name });
  if (!secret && !source.optional) throw new VolumeError(`secret "${name}" not found`);
  return pick(decoded(secret?.data), source, { ...options, kind: 'secret' });
}

function decoded(data: Readonly<Record<string, string>> | undefined): [string, Buffer][] {
  return Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]);
}

function pick(
  data: readonly (readonly [string, Buffer])[],
  source: Reference,
  options: Options & { readonly kind: 'config' | 'secret' },
): Files {
  const { mode, kind } = options;
  if (!source.items) return data.map(([key, content]) => [key, { content, mode }]);
  const byKey = new Map(data);
  return source.items.flatMap((item): Files => {
    const content = byKey.get(item.key);
    if (content) return [[item.path, { content, mode: item.mode ?? mode }]];
    if (source.optional) return [];
    throw new VolumeError(`references non-existent ${kind} key: ${item.key}`);
  });
}

function downwardFiles(items: readonly DownwardAPIVolumeFile[], options: Options): Files {
  const { pod, allocatable } = options;
  return items.map((item) => {
    const { path, fieldRef, resourceFieldRef, mode = options.mode } = item;
    return [path, { content: Buffer.from(text()), mode }];

    function text(): string {
      if (fieldRef) return fileOf(fieldRef.fieldPath, pod);
      const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
      const container = all.find(({ name }) => name === resourceFieldRef?.containerName);
      if (!container || !resourceFieldRef)
        throw new VolumeError(`container ${resourceFieldRef?.containerName} not found`);
      return resourceField(resourceFieldRef, { container, allocatable });
    }
  });
}
