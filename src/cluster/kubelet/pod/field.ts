import type { Pod } from 'kubernetes-types/core/v1.js';
import { ConfigError } from './config-error.ts';

/** Addresses that are known once the Pod has its network. */
export interface FieldAddresses {
  readonly podIp: string;
  readonly hostIp: string;
}

/** The downward API's fields; `metadata.labels['x']` names one label. */
export function fieldOf(path: string, pod: Pod, addresses: FieldAddresses): string {
  const { metadata, spec } = pod;
  const member = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (member) return metadata?.[member[1] as 'labels' | 'annotations']?.[member[2] ?? ''] ?? '';
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata?.name,
    'metadata.namespace': metadata?.namespace,
    'metadata.uid': metadata?.uid,
    'spec.nodeName': spec?.nodeName,
    'spec.serviceAccountName': spec?.serviceAccountName,
    'status.podIP': addresses.podIp,
    'status.podIPs': addresses.podIp,
    'status.hostIP': addresses.hostIp,
    'status.hostIPs': addresses.hostIp,
  };
  if (!Object.hasOwn(fields, path)) throw new ConfigError(`unsupported fieldPath: ${path}`);
  return fields[path] ?? '';
}

/** In a file, `metadata.labels` and `metadata.annotations` may also stand for all of them. */
export function fileOf(path: string, pod: Pod): string {
  const all = /^metadata\.(labels|annotations)$/.exec(path)?.[1];
  if (all === undefined) return fieldOf(path, pod, { podIp: '', hostIp: '' });
  return Object.entries(pod.metadata?.[all as 'labels' | 'annotations'] ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}
