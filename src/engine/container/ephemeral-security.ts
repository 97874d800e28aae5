import type { Pod, SecurityContext } from 'kubernetes-types/core/v1.js';

/** Whom a process runs as, and what it may do beyond that. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  /** Only of root: as the container's own securityContext says it. */
  readonly capabilities?: SecurityContext['capabilities'];
  readonly privileged?: boolean;
}

/**
 * What an ephemeral container is for. `look`: nobody, no capability. `sever`: root with NET_ADMIN
 * alone, which `ss -K` needs. `work`: as the container that is worked on, to see its files.
 */
export type Purpose =
  | { readonly for: 'look' }
  | { readonly for: 'sever' }
  | { readonly for: 'work'; readonly user: ContainerUser };

export const nobody: ContainerUser = { uid: 65_534, gid: 65_534 };

/** Who may trace any process that he sees, whatever its user and Yama's setting. */
export const tracer: ContainerUser = { uid: 0, gid: 0, capabilities: { add: ['SYS_PTRACE'] } };

/**
 * Whom the container runs as: as its status tells (KEP-3619, on by default since 1.33), else its spec;
 * undefined where only its image knows.
 */
export function userOf({ spec, status }: Pod, container: string): ContainerUser | undefined {
  const found = spec?.containers.find(({ name }) => name === container);
  const own = found?.securityContext ?? {};
  const shared = spec?.securityContext ?? {};
  const told = toldUser(status, container);
  const uid = told?.uid ?? own.runAsUser ?? shared.runAsUser;
  if (uid === undefined) return undefined;
  const gid = told?.gid ?? own.runAsGroup ?? shared.runAsGroup ?? 0;
  return asUser({ uid, gid }, own);
}

/** The same user with what its container may do: only root has capabilities. */
export function asUser(
  { uid, gid }: { readonly uid: number; readonly gid: number },
  { capabilities, privileged }: SecurityContext,
): ContainerUser {
  if (uid !== 0) return { uid, gid };
  return { uid, gid, ...(capabilities && { capabilities }), ...(privileged && { privileged }) };
}

function toldUser(
  status: Pod['status'],
  container: string,
): { readonly uid: number; readonly gid: number } | undefined {
  const found: object | undefined = status?.containerStatuses?.find(
    ({ name }) => name === container,
  );
  // Newer than the types.
  const { user } = (found ?? {}) as { user?: { linux?: { uid: number; gid: number } } };
  return user?.linux;
}

/**
 * As little as will do. /proc/PID/root opens to who has the process's uid and gid and every capability
 * that it has (ptrace(2), "access mode checking"): a process that is not root has none.
 */
export function securityOf(purpose: Purpose): SecurityContext {
  const restricted: SecurityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
  if (purpose.for === 'sever') {
    const capabilities = { drop: ['ALL'], add: ['NET_ADMIN'] };
    return { ...restricted, runAsUser: 0, runAsNonRoot: false, capabilities };
  }
  const { uid, gid, capabilities, privileged } = purpose.for === 'look' ? nobody : purpose.user;
  const ids = { runAsUser: uid, runAsGroup: gid, runAsNonRoot: uid !== 0 };
  if (uid !== 0) return { ...restricted, ...ids };
  if (privileged) return { ...ids, privileged };
  const { capabilities: _, ...rest } = restricted;
  return { ...rest, ...ids, ...(capabilities && { capabilities }) };
}

/** Completes "an ephemeral container to …". */
export function describePurpose(purpose: Purpose): string {
  if (purpose.for === 'look') return 'read the sockets with';
  if (purpose.for === 'sever') {
    return 'close idle connections with (root with capability NET_ADMIN)';
  }
  return `work in, where the container has no tools (${describeUser(purpose.user)})`;
}

/** `uid 1000, no capability`. */
export function describeUser({ uid, gid, capabilities, privileged }: ContainerUser): string {
  if (uid !== 0) return `uid ${uid}, gid ${gid}, no capability`;
  if (privileged) return 'root, privileged as the container is';
  const { add = [], drop = [] } = capabilities ?? {};
  const usual = drop.includes('ALL') ? 'no capability' : "the runtime's capabilities";
  return `root, ${[usual, ...add].join(' and ')}`;
}
