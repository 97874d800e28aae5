import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { allOwnerKinds, requiredRules } from '../../src/engine/access/required-rules.ts';
import { roleFor } from '../../src/engine/access/role.ts';
import { routes } from '../../src/engine/routes/index.ts';
import type { RouteName } from '../../src/engine/index.ts';
import { runLabel } from './target-cluster.ts';

/**
 * Makes a ServiceAccount on the cluster of a kubeconfig that may do, in every namespace, what pitstop
 * says its routes need and nothing beside it; answers a kubeconfig for it. Disposing removes its Role.
 */
export function makeRestrictedUser(
  kubeconfig: string,
  { run, directory }: { readonly run: string; readonly directory: string },
): Disposable & { readonly kubeconfig: string } {
  const type = (args: readonly string[], input?: string) =>
    execFileSync('kubectl', ['--kubeconfig', kubeconfig, ...args], { input, encoding: 'utf8' });
  const namespace = `${run}-user`;
  const account = 'pit-crew';
  const user = `system:serviceaccount:${namespace}:${account}`;
  const all = Object.keys(routes).flatMap((route) =>
    requiredRules({
      route: route as RouteName,
      ownerKinds: allOwnerKinds,
      editsEntries: true,
      deletes: true,
      addsContainer: true,
      execs: true,
    }),
  );
  const [{ rules }] = roleFor(all, { namespace, user });
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: run };
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace }];
  const labels = { [runLabel]: run };
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } },
    { apiVersion, kind: 'ClusterRole', metadata: { name: run, labels }, rules },
    { apiVersion, kind: 'ClusterRoleBinding', metadata: { name: run, labels }, roleRef, subjects },
  ];
  type(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const token = type(['create', 'token', account, '-n', namespace, '--duration=2h']).trim();
  const view = JSON.parse(
    type(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json']),
  ) as {
    readonly contexts: readonly { readonly context: object }[];
  };
  const contexts = view.contexts.map((each) => ({
    ...each,
    context: { ...each.context, user: account },
  }));
  const path = join(directory, 'restricted');
  const users = [{ name: account, user: { token } }];
  writeFileSync(path, stringify({ ...view, contexts, users }), { mode: 0o600 });
  return {
    kubeconfig: path,
    [Symbol.dispose]: () => {
      type(['delete', 'clusterrolebinding,clusterrole', run]);
    },
  };
}
