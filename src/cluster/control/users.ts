import type { CertificateUser, ClientCertificate } from '../apiserver/certificates.ts';
import { type Access, kubeconfigText } from '../launch/kubeconfig.ts';
import { ask } from './ask.ts';

/** The text of a kubeconfig for a further user; what he may do is what roles and bindings allow. */
export async function kubeconfigFor(
  cluster: { readonly name: string; readonly access: Access },
  user: CertificateUser,
): Promise<string> {
  const certificate = (await ask(cluster.access, 'POST', 'users', user)) as ClientCertificate;
  return kubeconfigText(cluster.name, cluster.access, certificate);
}
