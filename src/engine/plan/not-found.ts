import type { Kube } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';

/**
 * What is said of an object that is not there; and of its namespace, where that is not there either
 * and this user may know (a mistyped `-n` otherwise leads to an empty list).
 */
export async function notFound(
  kube: Kube,
  {
    kind,
    name,
    namespace,
    hint,
    signal,
  }: {
    /** `pod`, or whatever else the user named it as: `deploy/web`. */
    readonly kind: 'pod' | 'target';
    readonly name: string;
    readonly namespace: string;
    readonly hint: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<PitstopError> {
  const what =
    kind === 'pod'
      ? `pod ${namespace}/${name} not found`
      : `${name} not found in namespace ${namespace}`;
  return (await isMissing(kube, namespace, signal))
    ? new PitstopError(`${kind}-not-found`, `${what}: there is no namespace ${namespace}`, {
        hint: 'kubectl get namespaces',
      })
    : new PitstopError(`${kind}-not-found`, what, { hint });
}

async function isMissing(kube: Kube, name: string, signal?: AbortSignal): Promise<boolean> {
  try {
    return (await kube.get({ resource: 'namespaces', name }, { signal })) === undefined;
  } catch {
    // Most who may work in a namespace may not read it.
    return false;
  }
}
