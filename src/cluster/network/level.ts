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

/** One sentence for what a level cannot do, as the Node object shows it. */
export function limitsOf(level: Level): string {
  return limits[level];
}

const limits: Readonly<Record<Level, string>> = {
  namespaces:
    'Containers share the kernel, the users and the programs of this machine; they reach nothing outside the cluster.',
  user: 'As namespaces, but there is one user: what runs as root or any other uid in a container is the user who started the cluster outside.',
  loopback:
    'Containers see the files, the processes and the network of this machine: a program must listen on $POD_IP, volumes are not at their paths, a ClusterIP 10.x.y.z answers at 127.x.y.z, and cluster names need to be asked of 127.96.0.10.',
  plain:
    'Containers see the files, the processes and the network of this machine: all Pods share 127.0.0.1, so two of them cannot listen on one port, ClusterIPs and cluster names do not answer, volumes are not at their paths; use node ports or port-forward.',
};
