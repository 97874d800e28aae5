import type {
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from 'kubernetes-types/core/v1.js';

import {
  duplicate,
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { userId } from './names.ts';
import { descendingPath } from './paths.ts';

interface AppArmorProfile {
  readonly type?: string;
  readonly localhostProfile?: string;
}

type PodContext = PodSecurityContext & {
  readonly appArmorProfile?: AppArmorProfile;
  readonly supplementalGroupsPolicy?: string;
  readonly seLinuxChangePolicy?: string;
};

/** The security context of a Pod, and what it shares with its host. */
export function validatePodSecurity(spec: PodSpec, field: string): FieldError[] {
  const context: PodContext = spec.securityContext ?? {};
  const at = `${field}.securityContext`;
  const errors: FieldError[] = [];
  for (const key of ['fsGroup', 'runAsUser', 'runAsGroup'] as const) {
    const id = context[key];
    if (id !== undefined) errors.push(...eachInvalid(`${at}.${key}`, id, userId(id)));
  }
  for (const [index, gid] of (context.supplementalGroups ?? []).entries()) {
    errors.push(...eachInvalid(`${at}.supplementalGroups[${index}]`, gid, userId(gid)));
  }
  if (spec.hostPID && spec.shareProcessNamespace) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(invalidValue(`${at}.shareProcessNamespace`, true, why));
  }
  errors.push(
    ...validateSysctls(context, spec, `${at}.sysctls`),
    ...oneIfSet(context.fsGroupChangePolicy, `${at}.fsGroupChangePolicy`, [
      'Always',
      'OnRootMismatch',
    ]),
    ...validateSeccomp(context.seccompProfile, `${at}.seccompProfile`),
    ...validateAppArmor(context.appArmorProfile, `${at}.appArmorProfile`),
    ...oneIfSet(context.supplementalGroupsPolicy, `${at}.supplementalGroupsPolicy`, [
      'Merge',
      'Strict',
    ]),
    ...oneIfSet(context.seLinuxChangePolicy, `${at}.seLinuxChangePolicy`, [
      'MountOption',
      'Recursive',
    ]),
  );
  return errors;
}

const maxSysctlLength = 253;
const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlName = new RegExp(`^(${segment}[\\./])*${segment}$`);

function validateSysctls(
  { sysctls = [] }: PodSecurityContext,
  { hostNetwork, hostIPC }: PodSpec,
  field: string,
): FieldError[] {
  const names = new Set<string>();
  return sysctls.flatMap(({ name }, index) => {
    const at = `${field}[${index}].name`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(at));
    else if (name.length > maxSysctlLength || !sysctlName.test(name)) {
      const expression = `^(${segment}[\\./])*${segment}$`;
      const why = `must have at most ${maxSysctlLength} characters and match regex ${expression}`;
      errors.push(invalidValue(at, name, why));
    } else if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    const dotted = (name ?? '').replaceAll('/', '.');
    if (hostNetwork && dotted.startsWith('net.')) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostNetwork' is true"));
    } else if (hostIPC && /^(?:kernel\.(?:shm|msg|sem)|fs\.mqueue\.)/.test(dotted)) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostIPC' is true"));
    }
    return errors;
  });
}

/** The security context of one container. */
export function validateContainerSecurity(
  context: SecurityContext | undefined,
  field: string,
): FieldError[] {
  if (!context) return [];
  const { runAsUser, runAsGroup, procMount, allowPrivilegeEscalation, capabilities } = context;
  const errors: FieldError[] = [];
  if (runAsUser !== undefined) {
    errors.push(...eachInvalid(`${field}.runAsUser`, runAsUser, userId(runAsUser)));
  }
  if (runAsGroup !== undefined) {
    errors.push(...eachInvalid(`${field}.runAsGroup`, runAsGroup, userId(runAsGroup)));
  }
  errors.push(...oneIfSet(procMount, `${field}.procMount`, ['Default', 'Unmasked']));
  errors.push(...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`));
  if (allowPrivilegeEscalation === false) {
    if (context.privileged) {
      const why = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
      errors.push(invalidValue(field, context, why));
    }
    if ((capabilities?.add ?? []).includes('CAP_SYS_ADMIN')) {
      const why =
        'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      errors.push(invalidValue(field, context, why));
    }
  }
  const { appArmorProfile } = context as { readonly appArmorProfile?: AppArmorProfile };
  return [...errors, ...validateAppArmor(appArmorProfile, `${field}.appArmorProfile`)];
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function validateSeccomp(profile: SeccompProfile | undefined, field: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const errors: FieldError[] = [];
  if (!type) {
    errors.push(required(`${field}.type`, 'type is required when seccompProfile is set'));
  } else if (!profileTypes.includes(type)) {
    errors.push(notSupported(`${field}.type`, type, profileTypes));
  }
  const at = `${field}.localhostProfile`;
  if (type === 'Localhost') {
    errors.push(
      ...(localhostProfile === undefined
        ? [required(at, 'must be set when seccomp type is Localhost')]
        : descendingPath(localhostProfile, at)),
    );
  } else if (localhostProfile !== undefined) {
    errors.push(invalidValue(at, profile, 'can only be set when seccomp type is Localhost'));
  }
  return errors;
}

function validateAppArmor(profile: AppArmorProfile | undefined, field: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const at = `${field}.localhostProfile`;
  if (!type) return [required(`${field}.type`, 'type is required when appArmorProfile is set')];
  if (!profileTypes.includes(type)) return [notSupported(`${field}.type`, type, profileTypes)];
  if (type !== 'Localhost') {
    const why = 'can only be set when AppArmor type is Localhost';
    return localhostProfile === undefined ? [] : [invalidValue(at, localhostProfile, why)];
  }
  if (localhostProfile === undefined || localhostProfile === '') {
    return [required(at, 'must be set when AppArmor type is Localhost')];
  }
  return localhostProfile === localhostProfile.trim()
    ? []
    : [invalidValue(at, localhostProfile, 'must not be padded with whitespace')];
}

/** A host's user namespace goes with all of the host's other namespaces. */
export function validateHostUsers(spec: PodSpec, field: string): FieldError[] {
  if ((spec as { readonly hostUsers?: boolean }).hostUsers !== false) return [];
  const shared = { hostNetwork: 'hostNetwork', hostPID: 'HostPID', hostIPC: 'HostIPC' } as const;
  return Object.entries(shared)
    .filter(([key]) => spec[key as keyof typeof shared])
    .map(([, path]) => forbidden(`${field}.${path}`, 'when `pod.Spec.HostUsers` is false'));
}

function oneIfSet(
  value: string | undefined,
  field: string,
  supported: readonly string[],
): FieldError[] {
  return value === undefined || supported.includes(value)
    ? []
    : [notSupported(field, value, supported)];
}
