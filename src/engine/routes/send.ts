import type { Kube, KubeObject } from '../../kube/index.ts';
import type { Write } from './route.ts';

/** Sends one write; with `dryRun` the server checks it all (admission, permissions) and keeps nothing. */
export async function send<T = KubeObject>(
  kube: Kube,
  { reference, subresource, type, patch }: Write,
  options: { readonly dryRun?: boolean } = {},
): Promise<T> {
  return await kube.patch<T>(reference, patch, { type, subresource, ...options });
}
