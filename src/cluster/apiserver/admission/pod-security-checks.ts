import type { Container, PodSpec, SecurityContext } from 'kubernetes-types/core/v1.js';

/** What a Pod has that its namespace's level does not allow: `privileged (container "c" must not …)`. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

type Check = (spec: PodSpec, containers: readonly Container[]) => Violation | undefined;

export type PodSecurityLevel = 'baseline' | 'restricted';

/**
 * The Pod Security Standards, as far as this cluster applies the fields that they are about (SELinux
 * and AppArmor are applied nowhere), in the order and words of upstream's admission plugin.
 */
export function findViolations(spec: PodSpec, level: PodSecurityLevel): Violation[] {
  const containers: Container[] = [
    ...(spec.initContainers ?? []),
    ...spec.containers,
    ...((spec.ephemeralContainers ?? []) as Container[]),
  ];
  const checks =
    level === 'baseline'
      ? [baselineCapabilities, hostNamespaces, hostPathVolumes, ...shared, baselineSeccomp]
      : [hostNamespaces, ...shared, ...restricted];
  return checks.flatMap((check) => check(spec, containers) ?? []);
}

const allowedByBaseline = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);

const baselineCapabilities: Check = (_, containers) => {
  const isForbidden = (name: string) => !allowedByBaseline.has(name);
  const detail = addedTo(containers, isForbidden);
  return detail === undefined ? undefined : { reason: 'non-default capabilities', detail };
};

const hostNamespaces: Check = ({ hostNetwork, hostPID, hostIPC }) => {
  const set = Object.entries({ hostNetwork, hostPID, hostIPC }).filter(([, value]) => value);
  if (set.length === 0) return undefined;
  return { reason: 'host namespaces', detail: set.map(([name]) => `${name}=true`).join(', ') };
};

const hostPathVolumes: Check = ({ volumes = [] }) => {
  const bad = volumes.filter(({ hostPath }) => hostPath).map(({ name }) => name);
  return bad.length === 0
    ? undefined
    : { reason: 'hostPath volumes', detail: `${plural('volume', bad)} ${quoted(bad)}` };
};

const hostPorts: Check = (_, containers) => {
  const portsOf = ({ ports = [] }: Container) => ports.flatMap(({ hostPort }) => hostPort || []);
  const bad = containers.filter((container) => portsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const ports = [...new Set(bad.flatMap(portsOf))].toSorted((a, b) => a - b);
  const use = bad.length === 1 ? 'uses' : 'use';
  const detail = `${named(bad)} ${use} ${plural('hostPort', ports)} ${ports.join(', ')}`;
  return { reason: 'hostPort', detail };
};

const privileged: Check = (_, containers) =>
  each(containers, 'privileged', 'must not set securityContext.privileged=true', (own) =>
    Boolean(own.privileged),
  );

const shared = [hostPorts, privileged] as const;

const baselineSeccomp: Check = ({ securityContext }, containers) => {
  const isBad = (own?: Pick<SecurityContext, 'seccompProfile'>) =>
    own?.seccompProfile?.type === 'Unconfined';
  const bad = containers.filter((container) => isBad(container.securityContext));
  const who = [...(isBad(securityContext) ? ['pod'] : []), ...(bad.length > 0 ? [named(bad)] : [])];
  if (who.length === 0) return undefined;
  const detail = `${who.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"`;
  return { reason: 'seccompProfile', detail };
};

const escalation: Check = (_, containers) =>
  each(
    containers,
    'allowPrivilegeEscalation != false',
    'must set securityContext.allowPrivilegeEscalation=false',
    (own) => own.allowPrivilegeEscalation !== false,
  );

const restrictedCapabilities: Check = (_, containers) => {
  const undropped = containers.filter(
    ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'),
  );
  const added = addedTo(containers, (name) => name !== 'NET_BIND_SERVICE');
  const details = [
    ...(undropped.length > 0
      ? [`${named(undropped)} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    ...(added === undefined ? [] : [added]),
  ];
  if (details.length === 0) return undefined;
  return { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const allowedVolumes = new Set([
  'name',
  ...'configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret image'.split(
    ' ',
  ),
]);

const restrictedVolumes: Check = ({ volumes = [] }) => {
  const typeOf = (volume: object) => Object.keys(volume).find((key) => !allowedVolumes.has(key));
  const bad = volumes.filter((volume) => typeOf(volume) !== undefined);
  if (bad.length === 0) return undefined;
  const types = [...new Set(bad.map((volume) => typeOf(volume) ?? ''))];
  const names = bad.map(({ name }) => name);
  const use = bad.length === 1 ? 'uses' : 'use';
  const detail = `${plural('volume', names)} ${quoted(names)} ${use} ${plural('restricted volume type', types)} ${quoted(types)}`;
  return { reason: 'restricted volume types', detail };
};

const nonRoot: Check = ({ securityContext: shared }, containers) => {
  const explicit = containers.filter(
    ({ securityContext }) => securityContext?.runAsNonRoot === false,
  );
  const isPodBad = shared?.runAsNonRoot === false;
  if (explicit.length > 0 || isPodBad) {
    const who = [...(isPodBad ? ['pod'] : []), ...(explicit.length > 0 ? [named(explicit)] : [])];
    const detail = `${who.join(' and ')} must not set securityContext.runAsNonRoot=false`;
    return { reason: 'runAsNonRoot != true', detail };
  }
  if (shared?.runAsNonRoot) return undefined;
  const implicit = containers.filter(({ securityContext }) => !securityContext?.runAsNonRoot);
  if (implicit.length === 0) return undefined;
  const detail = `pod or ${named(implicit)} must set securityContext.runAsNonRoot=true`;
  return { reason: 'runAsNonRoot != true', detail };
};

const rootUser: Check = ({ securityContext }, containers) => {
  const bad = containers.filter((container) => container.securityContext?.runAsUser === 0);
  const who = [
    ...(securityContext?.runAsUser === 0 ? ['pod'] : []),
    ...(bad.length > 0 ? [named(bad)] : []),
  ];
  if (who.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${who.join(' and ')} must not set runAsUser=0` };
};

const restrictedSeccomp: Check = (spec, containers) => {
  const unconfined = baselineSeccomp(spec, containers);
  if (unconfined) return unconfined;
  if (spec.securityContext?.seccompProfile) return undefined;
  const bad = containers.filter(({ securityContext }) => !securityContext?.seccompProfile);
  if (bad.length === 0) return undefined;
  const detail = `pod or ${named(bad)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
};

const restricted = [
  escalation,
  restrictedCapabilities,
  restrictedVolumes,
  nonRoot,
  rootUser,
  restrictedSeccomp,
] as const;

function each(
  containers: readonly Container[],
  reason: string,
  rule: string,
  isBad: (own: SecurityContext) => boolean,
): Violation | undefined {
  const bad = containers.filter(({ securityContext }) => isBad(securityContext ?? {}));
  return bad.length === 0 ? undefined : { reason, detail: `${named(bad)} ${rule}` };
}

function addedTo(
  containers: readonly Container[],
  isForbidden: (capability: string) => boolean,
): string | undefined {
  const addedBy = ({ securityContext }: Container) =>
    (securityContext?.capabilities?.add ?? []).filter(isForbidden);
  const bad = containers.filter((container) => addedBy(container).length > 0);
  if (bad.length === 0) return undefined;
  const names = [...new Set(bad.flatMap(addedBy))].toSorted();
  return `${named(bad)} must not include ${quoted(names)} in securityContext.capabilities.add`;
}

function named(containers: readonly Container[]): string {
  return `${plural('container', containers)} ${quoted(containers.map(({ name }) => name))}`;
}

function plural(word: string, of: readonly unknown[]): string {
  return of.length === 1 ? word : `${word}s`;
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(', ');
}
