import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

export interface Access {
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** PEM */
  readonly ca: string;
  readonly token: string;
}

/** A client certificate and its key, PEM. */
interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** The context's name: `pitstop` for the cluster of that name, `pitstop-NAME` for the others. */
export function contextName(cluster: string): string {
  return cluster === 'pitstop' ? cluster : `pitstop-${cluster}`;
}

/** Writes the file whole or not at all, readable only by its owner: whoever reads it is admin. */
export async function writeKubeconfig(path: string, name: string, access: Access): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(temporary, kubeconfigText(name, access), { mode: 0o600, flag: 'wx' });
  await rename(temporary, path);
}

/** Reads back what `writeKubeconfig` wrote; undefined when there is no such file. */
export async function readAccess(path: string): Promise<Access | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^ *${name}: (\\S+)$`, 'm').exec(text)?.[1];
  const [server, ca, token] = [
    field('server'),
    field('certificate-authority-data'),
    field('token'),
  ];
  if (!server || !ca || !token) return undefined;
  return { server, ca: Buffer.from(ca, 'base64').toString(), token };
}

/** A kubeconfig for the cluster of that name: of its admin, or of the owner of a client certificate. */
export function kubeconfigText(name: string, access: Access, certificate?: Certified): string {
  const context = contextName(name);
  const credential = certificate
    ? `client-certificate-data: ${base64(certificate.cert)}
    client-key-data: ${base64(certificate.key)}`
    : `token: ${access.token}`;
  return `apiVersion: v1
kind: Config
clusters:
- name: ${context}
  cluster:
    server: ${access.server}
    certificate-authority-data: ${base64(access.ca)}
users:
- name: ${context}
  user:
    ${credential}
contexts:
- name: ${context}
  context:
    cluster: ${context}
    user: ${context}
current-context: ${context}
preferences: {}
`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
