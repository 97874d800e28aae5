import type { CertificateUser } from '../apiserver/certificates.ts';
import { type Access, kubeconfigText } from '../launch/kubeconfig.ts';
import { ask } from './ask.ts';
import { Faults } from './faults.ts';
import { Images } from './images.ts';
import { kubeconfigFor } from './users.ts';

/** What can be asked of a running cluster beside Kubernetes' API. */
export interface ReachedCluster {
  readonly images: Images;
  readonly faults: Faults;
  /** The text of the admin's kubeconfig, or of one for a further user by a client certificate. */
  kubeconfig(user?: CertificateUser): Promise<string>;
  /** Forgets the history of watches and lists. */
  compact(): Promise<void>;
}

export function reached(name: string, access: Access): ReachedCluster {
  return {
    images: new Images(access),
    faults: new Faults(access),
    kubeconfig: async (user) =>
      user ? await kubeconfigFor({ name, access }, user) : kubeconfigText(name, access),
    compact: async () => void (await ask(access, 'POST', 'compactions')),
  };
}
