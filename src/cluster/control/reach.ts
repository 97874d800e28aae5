import type { CertificateUser } from '../apiserver/certificates.ts';
import { ClusterError } from '../launch/cluster-error.ts';
import { kubeconfigText, readAccess } from '../launch/kubeconfig.ts';
import { readCluster } from '../launch/registry.ts';
import { ask } from './ask.ts';
import { Faults } from './faults.ts';
import { Images } from './images.ts';
import { kubeconfigFor } from './users.ts';

export interface ReachedCluster {
  readonly images: Images;
  readonly faults: Faults;
  /** The text of the admin's kubeconfig, or of one for a further user by a client certificate. */
  kubeconfig(user?: CertificateUser): Promise<string>;
  compact(): Promise<void>;
}

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
  return {
    images: new Images(access),
    faults: new Faults(access),
    kubeconfig: async (user) =>
      user ? await kubeconfigFor({ name, access }, user) : kubeconfigText(name, access),
    compact: async () => void (await ask(access, 'POST', 'compactions')),
  };
}
