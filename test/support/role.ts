import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../src/cluster/index.ts';
import { requiredRules, type AccessNeeds } from '../../src/engine/access/required-rules.ts';
import { roleFor } from '../../src/engine/access/role.ts';
import type { RouteName } from '../../src/engine/index.ts';
import { kubectl } from './kubectl.ts';

const ownerKinds = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'ReplicationController',
];

/**
 * A kubeconfig for each of these users of an embedded cluster, who may do, in every namespace, what
 * pitstop says a session by that route needs, with the further `needs`, and nothing beside it; by name.
 */
export async function usersWithRole<Name extends string>(
  cluster: Cluster,
  route: RouteName,
  usernames: readonly Name[],
  needs: Pick<AccessNeeds, 'editsEntries' | 'deletes' | 'target'> = {},
): Promise<Readonly<Record<Name, string>>> {
  const group = ['pit-crew', route, ...Object.keys(needs)].join('-').toLowerCase();
  const [{ rules }] = roleFor(requiredRules({ route, ownerKinds, execs: true, ...needs }), {
    namespace: '',
    user: group,
  });
  const meta = { metadata: { name: group } };
  const apiGroup = 'rbac.authorization.k8s.io';
  const role = { apiVersion: `${apiGroup}/v1`, kind: 'ClusterRole', ...meta, rules };
  const binding = {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    ...meta,
    roleRef: { apiGroup, kind: 'ClusterRole', name: group },
    subjects: [{ apiGroup, kind: 'Group', name: group }],
  };
  const { code, stderr } = await kubectl(cluster.kubeconfigPath, ['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [role, binding] }),
  });
  if (code !== 0) throw new Error(`the role was not made: ${stderr}`);
  const paths = await Promise.all(
    usernames.map(async (username) => {
      const path = join(cluster.directory, `user-${username}-${group}`);
      const text = await cluster.kubeconfigFor({ username, groups: [group] });
      await writeFile(path, text, { mode: 0o600 });
      return [username, path];
    }),
  );
  return Object.fromEntries(paths) as Record<Name, string>;
}
