import { ClusterError } from '../launch/cluster-error.ts';
import { readAccess } from '../launch/kubeconfig.ts';
import { readCluster } from '../launch/registry.ts';
import { reached, type ReachedCluster } from './reached.ts';

/** A running cluster of this user, from any process; throws `not-running` when there is none. */
export async function reachCluster(name: string): Promise<ReachedCluster> {
  const record = await readCluster(name);
  const access = record && (await readAccess(record.kubeconfigPath));
  if (!access) {
    const flag = name === 'pitstop' ? '' : ` --name=${name}`;
    throw new ClusterError('not-running', `cluster ${name} is not running`, {
      hint: `kubectl pitstop cluster start --detach${flag}`,
    });
  }
  return reached(name, access);
}
