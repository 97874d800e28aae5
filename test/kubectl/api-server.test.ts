import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeKubeconfig } from '../../src/cluster/launch/kubeconfig.ts';
import { useApiServer } from '../support/api-server.ts';
import { findKubectls, kubectl } from '../support/kubectl.ts';

const server = useApiServer();
let directory = '';
let kubeconfig = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pitstop-kubectl-'));
  kubeconfig = join(directory, 'config');
  const { port, ca, token } = server();
  await writeKubeconfig(kubeconfig, 'pitstop', { server: `https://127.0.0.1:${port}`, ca, token });
  await writeFile(join(directory, 'web.yaml'), MANIFEST);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web:1, ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: { app: web }
  ports: [{ port: 80 }]
`;

/** The one on the PATH, the last that reads OpenAPI v2, the last that speaks SPDY, and the newest at hand. */
const VERSIONS = new Set(['PATH', '1.27', '1.29', '1.33']);

describe.each([...findKubectls()].filter(([version]) => VERSIONS.has(version)))(
  'kubectl %s against the API server alone',
  (version, binary) => {
    // A discovery cache of its own: the next version starts cold too.
    const run = (...args: string[]) =>
      kubectl(kubeconfig, [`--cache-dir=${join(directory, version)}`, ...args], {
        binary,
        cwd: directory,
      });
    const ok = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run(...args);
      expect({ code, stderr: withoutSkew(stderr) }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };

    it('lists what there is, and what there can be', async () => {
      expect(await ok('get', 'namespaces', '-o', 'name')).toContain('namespace/kube-system');
      const resources = await ok('api-resources', '--no-headers');
      expect(resources).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment *$/m);
      expect(await ok('get', 'all', '-A')).toContain('service/kubernetes');
    });

    it('applies, labels, patches, scales and deletes', async () => {
      await ok('apply', '-f', 'web.yaml');
      expect(await ok('apply', '-f', 'web.yaml')).toBe(
        'deployment.apps/web unchanged\nservice/web unchanged\n',
      );
      await ok('label', 'deployment', 'web', 'tier=front');
      await ok('annotate', 'service', 'web', 'note=x');
      await ok('patch', 'service', 'web', '-p', '{"spec":{"selector":null}}');
      expect(await ok('get', 'service', 'web', '-o', 'jsonpath={.spec.selector}')).toBe('');
      await ok('apply', '-f', 'web.yaml');
      expect(await ok('get', 'service', 'web', '-o', 'jsonpath={.spec.selector.app}')).toBe('web');
      await ok('scale', 'deployment', 'web', '--replicas=5');
      expect(await ok('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}')).toBe('5');
      await ok('delete', '-f', 'web.yaml', '--wait');
      const gone = await run('get', 'deployment', 'web');
      expect([gone.code, withoutSkew(gone.stderr)]).toEqual([
        1,
        'Error from server (NotFound): deployments.apps "web" not found\n',
      ]);
    });

    it('applies on the server, and shows a difference', async () => {
      await ok('apply', '--server-side', '-f', 'web.yaml');
      const none = await run('diff', '--server-side', '-f', 'web.yaml');
      expect([none.code, none.stdout]).toEqual([0, '']);
      await ok('delete', '-f', 'web.yaml');
    });

    it('creates through typed clients and asks what it may do', async () => {
      await ok('create', 'configmap', 'settings', '--from-literal=a=b');
      expect(await ok('get', 'configmap', 'settings', '-o', 'jsonpath={.data.a}')).toBe('b');
      await ok('delete', 'configmap', 'settings');
      expect(await ok('auth', 'can-i', 'delete', 'pods')).toBe('yes\n');
    });

    // 1.27 asks a beta version that Kubernetes 1.36 no longer serves either.
    it.skipIf(version === '1.27')('asks who it is', async () => {
      expect(await ok('auth', 'whoami')).toContain('kubernetes-admin');
    });

    it('watches', async () => {
      const watching = spawn(
        binary,
        ['--kubeconfig', kubeconfig, 'get', 'configmaps', '-w', '--no-headers', '-o', 'name'],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      );
      try {
        let seen = '';
        watching.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
        await ok('create', 'configmap', 'seen');
        await expect.poll(() => seen, { timeout: 10_000 }).toContain('configmap/seen');
        await ok('delete', 'configmap', 'seen');
      } finally {
        watching.kill();
        await once(watching, 'close');
      }
    });
  },
);

/** kubectl says so when its minor version is far from the server's; it works all the same. */
function withoutSkew(stderr: string): string {
  return stderr.replaceAll(/^WARNING: version difference.*\n/gm, '');
}
