/** Who makes a request, as every check sees it. */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Everybody who was authenticated by anything. */
export const AUTHENTICATED = 'system:authenticated';
/** May do everything, whatever the roles say. */
export const MASTERS = 'system:masters';
export const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

/** The owner of the kubeconfig. */
export const ADMIN: User = {
  username: 'kubernetes-admin',
  groups: [MASTERS, AUTHENTICATED],
};

export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

const PREFIX = 'system:serviceaccount:';

/** `system:serviceaccount:shop:default` */
export function serviceAccountUsername({ namespace, name }: ServiceAccountName): string {
  return `${PREFIX}${namespace}:${name}`;
}

/** Undefined for usernames of anybody else. */
export function parseServiceAccountUsername(username: string): ServiceAccountName | undefined {
  if (!username.startsWith(PREFIX)) return undefined;
  const [namespace, name, ...rest] = username.slice(PREFIX.length).split(':');
  return namespace && name && rest.length === 0 ? { namespace, name } : undefined;
}

export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}
