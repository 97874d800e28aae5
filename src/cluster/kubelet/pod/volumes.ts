import type {
  ConfigMap,
  Container,
  KeyToPath,
  Pod,
  Secret,
  Volume,
} from 'kubernetes-types/core/v1.js';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Api } from '../../api.ts';
import type { Mount } from '../runtime/runtime.ts';
import { ConfigError, fieldOf } from './environment.ts';

interface VolumeOptions {
  readonly api: Api;
  readonly pod: Pod;
  /** The Pod's directory; its volumes live in `volumes/` there. */
  readonly directory: string;
  readonly podIp: string;
  readonly hostIp: string;
}

/**
 * Makes the Pod's volumes on disk and tells where a container mounts them. emptyDir, configMap,
 * secret, downwardAPI, projected and hostPath; others are left out, as is a service account's token.
 */
export function mountsOf(container: Container, options: VolumeOptions): Mount[] {
  return (container.volumeMounts ?? []).flatMap((mount): Mount[] => {
    const volume = options.pod.spec?.volumes?.find(({ name }) => name === mount.name);
    if (!volume) throw new ConfigError(`volume "${mount.name}" not found`);
    const source = sourceOf(volume, options);
    if (source === undefined) return [];
    const path = mount.subPath ? join(source, mount.subPath) : source;
    if (mount.subPath && volume.emptyDir) mkdirSync(path, { recursive: true });
    return [{ source: path, target: mount.mountPath, readOnly: mount.readOnly ?? false }];
  });
}

function sourceOf(volume: Volume, options: VolumeOptions): string | undefined {
  const directory = join(options.directory, 'volumes', volume.name);
  if (volume.hostPath) return volume.hostPath.path;
  mkdirSync(directory, { recursive: true });
  if (volume.emptyDir) return directory;
  const files = filesOf(volume, options);
  if (files === undefined) return undefined;
  // Written anew at every container start: what a restarted container sees is current.
  rmSync(directory, { recursive: true });
  mkdirSync(directory);
  for (const [name, content] of files) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return directory;
}

type Files = (readonly [name: string, content: string | Buffer])[];

function filesOf(volume: Volume, options: VolumeOptions): Files | undefined {
  if (volume.configMap)
    return configMap({ ...volume.configMap, name: volume.configMap.name ?? '' }, options);
  if (volume.secret)
    return secret({ ...volume.secret, name: volume.secret.secretName ?? '' }, options);
  if (volume.downwardAPI) return downward(volume.downwardAPI.items ?? [], options);
  if (!volume.projected) return undefined;
  return (volume.projected.sources ?? []).flatMap((source) => {
    if (source.configMap)
      // kube-root-ca.crt is published by a controller that may not have come to this namespace yet.
      return configMap(
        {
          ...source.configMap,
          name: source.configMap.name ?? '',
          optional: source.configMap.optional ?? source.configMap.name === 'kube-root-ca.crt',
        },
        options,
      );
    if (source.secret) return secret({ ...source.secret, name: source.secret.name ?? '' }, options);
    if (source.downwardAPI) return downward(source.downwardAPI.items ?? [], options);
    return [];
  });
}

interface Ref {
  readonly name: string;
  readonly optional?: boolean;
  readonly items?: readonly KeyToPath[];
}

function configMap(ref: Ref, { api, pod }: VolumeOptions): Files {
  const map = api.get<ConfigMap>('configmaps', {
    namespace: pod.metadata?.namespace,
    name: ref.name,
  });
  if (!map && !ref.optional) throw new ConfigError(`configmap "${ref.name}" not found`);
  const binary = Object.entries(map?.binaryData ?? {}).map(
    ([key, value]) => [key, Buffer.from(value, 'base64')] as const,
  );
  return pick([...Object.entries(map?.data ?? {}), ...binary], ref);
}

function secret(ref: Ref, { api, pod }: VolumeOptions): Files {
  const found = api.get<Secret>('secrets', { namespace: pod.metadata?.namespace, name: ref.name });
  if (!found && !ref.optional) throw new ConfigError(`secret "${ref.name}" not found`);
  const data = Object.entries(found?.data ?? {}).map(
    ([key, value]) => [key, Buffer.from(value, 'base64')] as const,
  );
  return pick(data, ref);
}

function downward(
  items: readonly { readonly path: string; readonly fieldRef?: { readonly fieldPath: string } }[],
  options: VolumeOptions,
): Files {
  return items.map(({ path, fieldRef }) => [
    path,
    fieldRef ? wholeField(fieldRef.fieldPath, options) : '',
  ]);
}

/** In a file, `metadata.labels` may also stand for all of them. */
function wholeField(path: string, options: VolumeOptions): string {
  const all = /^metadata\.(labels|annotations)$/.exec(path)?.[1] as
    | 'labels'
    | 'annotations'
    | undefined;
  if (all === undefined) return fieldOf(path, options);
  return Object.entries(options.pod.metadata?.[all] ?? {})
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

function pick(files: Files, ref: Ref): Files {
  if (!ref.items) return files;
  const byKey = new Map(files);
  return ref.items.flatMap(({ key, path }): Files => {
    const content = byKey.get(key);
    return content === undefined ? [] : [[path, content]];
  });
}
