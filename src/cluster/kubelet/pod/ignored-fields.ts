import type { Container, Pod, SecurityContext } from 'kubernetes-types/core/v1.js';
import type { SayLimit } from './pod-context.ts';

/** Tells what of a container's spec no level of isolation applies, once a Pod. */
export function sayIgnored(
  container: Container,
  { pod, sayLimit }: { readonly pod: Pod; readonly sayLimit: SayLimit },
): void {
  const security: Profiles[] = [container.securityContext ?? {}, pod.spec?.securityContext ?? {}];
  const profile = (name: 'seccompProfile' | 'appArmorProfile') =>
    security.map((one) => one[name]?.type).find((type) => type !== undefined) ?? 'Unconfined';
  if (profile('seccompProfile') !== 'Unconfined')
    sayLimit(
      'seccomp',
      `seccompProfile ${profile('seccompProfile')} is not applied: containers may make any system call their privileges allow`,
    );
  if (profile('appArmorProfile') !== 'Unconfined' || isConfinedByAnnotation(container, pod))
    sayLimit('apparmor', 'AppArmor profiles are not applied');
  if (security.some(({ seLinuxOptions }) => seLinuxOptions !== undefined))
    sayLimit('selinux', 'seLinuxOptions are not applied');
  if ((container.securityContext?.procMount ?? 'Default') !== 'Default')
    sayLimit('proc', `procMount ${container.securityContext?.procMount} is not applied`);
  for (const { mountPropagation = 'None', mountPath } of container.volumeMounts ?? [])
    if (mountPropagation !== 'None')
      sayLimit(
        'propagation',
        `mountPropagation ${mountPropagation} of ${mountPath} is not applied: mounts made later stay where they are made`,
      );
}

/** `kubernetes-types` is of 1.30, which has no `appArmorProfile`. */
type Profiles = Pick<SecurityContext, 'seccompProfile' | 'seLinuxOptions'> & {
  readonly appArmorProfile?: { readonly type: string };
};

/** How it was said before Kubernetes 1.30. */
function isConfinedByAnnotation({ name }: Container, { metadata }: Pod): boolean {
  const profile = metadata?.annotations?.[`container.apparmor.security.beta.kubernetes.io/${name}`];
  return profile !== undefined && profile !== 'unconfined';
}
