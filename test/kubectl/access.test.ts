import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueClientCertificate } from '../../src/cluster/apiserver/index.ts';
import { startControllers } from '../../src/cluster/controllers/index.ts';
import { writeKubeconfig } from '../../src/cluster/launch/kubeconfig.ts';
import { useApiServer } from '../support/api-server.ts';
import { certificateRequest } from '../support/certificate-request.ts';
import { findKubectls, kubectl } from '../support/kubectl.ts';

const server = useApiServer();
const held = new AsyncDisposableStack();
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pitstop-access-'));
  held.defer(() => rm(directory, { recursive: true, force: true }));
  const { port, ca, token, certificates } = server();
  const access = { server: `https://127.0.0.1:${port}`, ca, token };
  await writeKubeconfig(join(directory, 'admin'), 'pitstop', access);
  await writeKubeconfig(join(directory, 'nobody'), 'pitstop', { ...access, token: 'nothing' });
  const jane = await issueClientCertificate(certificates, { username: 'jane', groups: ['devs'] });
  await writeFile(join(directory, 'jane'), certificateKubeconfig({ ...access, ...jane }));
  await writeFile(join(directory, 'rbac.yaml'), RBAC);
  held.use(
    startControllers({
      api: server().api,
      rootCa: ca,
      issueSecretToken: server().server.issueSecretToken,
      signCertificate: server().server.signCertificate,
      onError: () => {},
    }),
  );
});
afterAll(() => held.disposeAsync());

function certificateKubeconfig(user: {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Config
clusters:
- { name: c, cluster: { server: "${user.server}", certificate-authority-data: ${base64(user.ca)} } }
users:
- name: u
  user:
    client-certificate-data: ${base64(user.cert)}
    client-key-data: ${base64(user.key)}
contexts:
- { name: x, context: { cluster: c, user: u } }
current-context: x
`;
}

const RBAC = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reconciled, namespace: default }
rules:
- { apiGroups: [""], resources: [pods], verbs: [get, list] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reconciled, namespace: default }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reconciled }
subjects:
- { kind: User, apiGroup: rbac.authorization.k8s.io, name: reconciled-user }
`;

/** The oldest at hand, which sends JSON, and the one on the PATH, which sends protobuf if it is 1.32 or later. */
const VERSIONS = new Set(['PATH', '1.27']);

describe.each([...findKubectls()].filter(([version]) => VERSIONS.has(version)))(
  'kubectl %s',
  (version, binary) => {
    const suffix = version.replaceAll(/[^0-9a-z]/gi, '').toLowerCase();
    const as = (user: string, ...args: string[]) =>
      kubectl(
        join(directory, user),
        [`--cache-dir=${join(directory, `${version}-${user}`)}`, ...args],
        { binary, cwd: directory },
      );
    const ok = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await as('admin', ...args);
      expect({ code, stderr: code === 0 ? '' : stderr, args }).toEqual({
        code: 0,
        stderr: '',
        args,
      });
      return stdout;
    };

    it('without a credential gets nothing', async () => {
      const { code, stderr } = await as('nobody', 'get', 'pods');
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/Unauthorized|must be logged in|provide credentials/);
    });

    // Before 1.28 it asks for versions that a 1.36 server does not serve either.
    it.skipIf(version === '1.27')('knows who it is', async () => {
      expect(await ok('auth', 'whoami')).toMatch(/Username\s+kubernetes-admin\n/);
      const { stdout } = await as('jane', 'auth', 'whoami');
      expect(stdout).toMatch(/Username\s+jane\n/);
      expect(stdout).toMatch(/Groups\s+\[devs system:authenticated\]/);
      expect(await ok('auth', 'whoami', '--as=joe', '--as-group=ops')).toMatch(
        /Groups\s+\[ops system:authenticated\]/,
      );
    });

    it('asks what may be done', async () => {
      expect(await ok('auth', 'can-i', 'delete', 'nodes')).toBe('yes\n');
      const no = await as('jane', 'auth', 'can-i', 'delete', 'pods');
      expect([no.code, no.stdout]).toEqual([1, 'no\n']);
      const rolebinding = `view-${suffix}`;
      await ok('create', 'rolebinding', rolebinding, '--clusterrole=view', '--user=jane');
      const can = async (...what: string[]) =>
        (await as('jane', 'auth', 'can-i', ...what)).stdout.trim();
      expect(await can('list', 'pods')).toBe('yes');
      expect(await can('get', 'pods', '--subresource=log')).toBe('yes');
      expect(await can('list', 'secrets')).toBe('no');
      expect(await can('list', 'pods', '-n', 'kube-system')).toBe('no');
      expect(await can('get', '/version')).toBe('yes');
      expect((await as('jane', 'auth', 'can-i', '--list')).stdout).toMatch(
        /^deployments\.apps\s+\[\]\s+\[\]\s+\[get list watch\]$/m,
      );
      expect((await as('jane', 'get', 'pods,deployments')).code).toBe(0);
      expect((await as('jane', 'create', 'configmap', 'x')).stderr).toMatch(
        /configmaps is forbidden: User "jane" cannot create resource "configmaps" in API group "" in the namespace "default"/,
      );
      await ok('delete', 'rolebinding', rolebinding);
    });

    it('acts as others', async () => {
      const account = `robot-${suffix}`;
      const user = `system:serviceaccount:default:${account}`;
      await ok('create', 'serviceaccount', account);
      const refused = await as('admin', 'get', 'pods', `--as=${user}`);
      expect(refused.stderr).toContain(`User "${user}" cannot list resource "pods"`);
      await ok(
        'create',
        'rolebinding',
        account,
        '--clusterrole=edit',
        `--serviceaccount=default:${account}`,
      );
      await ok('get', 'pods', `--as=${user}`);
      await ok('create', 'configmap', account, `--as=${user}`);
      expect((await as('jane', 'get', 'pods', '--as=joe')).stderr).toContain(
        'User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
      );
    });

    it('is a service account by its token', async () => {
      const account = `robot-${suffix}`;
      const token = (await ok('create', 'token', account, '--duration=1h')).trim();
      const { stderr } = await as('nobody', `--token=${token}`, 'get', 'nodes');
      expect(stderr).toContain(`User "system:serviceaccount:default:${account}" cannot list`);
      const short = await as('admin', 'create', 'token', account, '--duration=10s');
      expect(short.stderr).toContain(
        'spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
      );
      await ok('delete', 'serviceaccount', account);
      expect((await as('nobody', `--token=${token}`, 'get', 'pods')).code).not.toBe(0);
    });

    it('reconciles roles', async () => {
      await ok('auth', 'reconcile', '-f', 'rbac.yaml');
      expect(await ok('auth', 'reconcile', '-f', 'rbac.yaml')).toMatch(/unchanged|reconciled/);
      await ok('get', 'pods', '--as=reconciled-user');
      await ok('delete', '-f', 'rbac.yaml');
    });

    it('makes a user by approving a certificate', async () => {
      const name = `newcomer-${suffix}`;
      const { pem, key } = certificateRequest({ username: name });
      const manifest = JSON.stringify({
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name },
        spec: {
          request: Buffer.from(pem).toString('base64'),
          signerName: 'kubernetes.io/kube-apiserver-client',
          usages: ['client auth'],
        },
      });
      await writeFile(join(directory, `${name}.json`), manifest);
      await ok('apply', '-f', `${name}.json`);
      expect(await ok('get', 'csr', name)).toMatch(/kubernetes-admin\s+<none>\s+Pending/);
      await ok('certificate', 'approve', name);
      await ok('wait', `csr/${name}`, '--for=condition=Approved', '--timeout=20s');
      expect(await ok('get', 'csr', name)).toMatch('Approved,Issued');
      const cert = await ok('get', 'csr', name, '-o', 'jsonpath={.status.certificate}');
      const { port, ca } = server();
      const user = { server: `https://127.0.0.1:${port}`, ca, key };
      const kubeconfig = certificateKubeconfig({
        ...user,
        cert: Buffer.from(cert, 'base64').toString(),
      });
      await writeFile(join(directory, name), kubeconfig);
      expect((await as(name, 'get', 'pods')).stderr).toContain(`User "${name}" cannot list`);
    });

    it('describes the Secret of an account', async () => {
      const name = `legacy-${suffix}`;
      const manifest = JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, annotations: { 'kubernetes.io/service-account.name': 'default' } },
        type: 'kubernetes.io/service-account-token',
      });
      await writeFile(join(directory, `${name}.json`), manifest);
      await ok('apply', '-f', `${name}.json`);
      expect(await ok('describe', 'secret', name)).toMatch(/^token:\s+ey/m);
      expect(await ok('describe', 'serviceaccount', 'default')).toMatch(
        new RegExp(`^Tokens:[^:]*\\b${name}$`, 'm'),
      );
      await ok('delete', 'secret', name);
    });
  },
);
