import type { KubeError } from '../../kube/index.ts';

/** Who refused a write to ephemeral containers, as far as the message tells, and what helps. */
export function whoRefused(
  { message }: KubeError,
  namespace: string,
): { readonly by: string; readonly hint: string } {
  const [, level] = /violates PodSecurity "([^:"]+)/.exec(message) ?? [];
  if (level) {
    return {
      by: ` by Pod Security, level ${level}, of namespace ${namespace}`,
      hint: `kubectl get namespace ${namespace} --show-labels; an image with a shell, or a container of the Pod that has one (-c NAME), needs no ephemeral container`,
    };
  }
  const [, webhook] = /admission webhook "([^"]+)"/.exec(message) ?? [];
  if (webhook) return { by: ` by admission webhook ${webhook}`, hint: 'ask who runs that webhook' };
  const [, policy] = /ValidatingAdmissionPolicy '([^']+)'/.exec(message) ?? [];
  if (policy) {
    const hint = `kubectl get validatingadmissionpolicy ${policy} -o yaml`;
    return { by: ` by ValidatingAdmissionPolicy ${policy}`, hint };
  }
  return {
    by: '',
    hint: `kubectl auth can-i patch pods/ephemeralcontainers -n ${namespace}`,
  };
}
