/**
 * How far this machine lets containers be kept apart; decided once, before the node process starts.
 * - `namespaces`: root makes network, mount and PID namespaces; users and cgroups are the machine's.
 * - `user`: anybody makes the same in a user namespace of his own, where he is the only user.
 * - `loopback`: plain processes of Linux; each Pod has an address of its own in 127.77.0.0/16.
 * - `plain`: plain processes of any system; Pods share 127.0.0.1.
 */
export type Level = 'namespaces' | 'user' | 'loopback' | 'plain';

/** All levels, the one that keeps containers furthest apart first. */
export const levels = [
  'namespaces',
  'user',
  'loopback',
  'plain',
] as const satisfies readonly Level[];

/** Whether the cluster has namespaces: real Pod addresses, PID 1, a root of each container's own. */
export function hasNamespaces(level: Level): boolean {
  return level === 'namespaces' || level === 'user';
}

/** One sentence for what a level cannot do, as the Node object shows it; kubectl prints 140 characters. */
export function limitsOf(level: Level): string {
  return limits[level];
}

const limits: Readonly<Record<Level, string>> = {
  namespaces:
    "Containers share this machine's kernel, users and programs, and reach nothing outside the cluster.",
  user: 'Every user of a container is the one user who started the cluster; containers reach nothing outside the cluster.',
  loopback:
    "Containers see this machine's files and processes; programs must listen on $POD_IP and find ClusterIP 10.x.y.z at 127.x.y.z.",
  plain:
    "Containers see this machine's files and processes; Pods share 127.0.0.1, so no port twice; no ClusterIPs: use node ports or port-forward.",
};
