import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { kubectlOf } from '../kubectl-versions/install.ts';
import { useCluster } from '../support/cluster.ts';
import { findKubectls, kubectl } from '../support/kubectl.ts';
import { until } from '../support/until.ts';

const held = useCluster({ nodes: 1 });
const pods = `
kind: Pod
apiVersion: v1
metadata: { name: web, labels: { app: web } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: web
      image: registry.k8s.io/e2e-test-images/agnhost:2.53
      args: [netexec, --http-port=8080]
      ports: [{ containerPort: 8080 }]
      readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 }
    - { name: box, image: busybox, command: [sleep, '3600'] }
---
kind: Service
apiVersion: v1
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
`;

beforeAll(async () => {
  const { kubeconfigPath } = held.cluster;
  await kubectl(kubeconfigPath, ['apply', '-f', '-'], { input: pods });
  const waited = await kubectl(kubeconfigPath, ['wait', '--for=condition=Ready', 'pod/web']);
  if (waited.code !== 0) throw new Error(waited.stderr);
});

// The last that speaks SPDY only, and the newest.
const oldest = findKubectls().get('1.27');
const binaries = [
  ['1.27', oldest ? '' : ': there is none on the PATH', oldest],
  ['1.35', '', kubectlOf('1.35')],
] as const;

describe.each(binaries)('kubectl %s%s', (version, missing, binary) => {
  const isMissing = missing !== '';
  const run = (...args: string[]) =>
    kubectl(held.cluster.kubeconfigPath, args, { binary: binary ?? '' });

  it.skipIf(isMissing)('reaches Pods and Services through the proxy', async () => {
    for (const what of ['pods/web', 'pods/http:web:8080', 'services/web:http', 'services/web:80']) {
      const path = `/api/v1/namespaces/default/${what}/proxy/hostname`;
      expect(await run('get', '--raw', path)).toMatchObject({ code: 0, stdout: 'web' });
    }
  });

  it.skipIf(isMissing)('shows what Pods and nodes use', async () => {
    const { stdout } = await run('top', 'pod', '--containers', '--no-headers', '--sort-by=cpu');
    expect(stdout.split('\n').map((line) => line.split(/\s+/)[1])).toEqual(
      expect.arrayContaining(['box', 'web']),
    );
    expect(stdout).toMatch(/^web +web +\d+m +\d+Mi *$/m);
    expect((await run('top', 'node')).stdout).toMatch(/MEMORY\(/);
    expect((await run('top', 'pod', 'none')).stderr).toContain('NotFound');
  });

  it.skipIf(isMissing)('copies directories with odd names both ways', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pitstop-cp-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const bytes = randomBytes(5_000_000);
    const name = join('a directory', 'ünï "quoted"');
    await mkdir(join(directory, 'out', 'a directory'), { recursive: true });
    await writeFile(join(directory, 'out', name), bytes);
    await run('cp', '-c', 'box', join(directory, 'out'), `web:/tmp/${version}`);
    await run('cp', '-c', 'box', `web:/tmp/${version}`, join(directory, 'back'));
    expect((await readFile(join(directory, 'back', name))).equals(bytes)).toBe(true);
  });

  it.skipIf(isMissing)('forwards many connections at once', async () => {
    const env = { ...process.env, KUBECONFIG: held.cluster.kubeconfigPath };
    const child = spawn(binary ?? '', ['port-forward', 'service/web', ':80', ':80'], { env });
    onTestFinished(async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ports = await until('both ports are forwarded', async () => {
      const found = [...output.matchAll(/127\.0\.0\.1:(\d+) ->/g)].map(([, port]) => Number(port));
      return found.length === 2 && found;
    });
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => textAt(ports[index % 2] ?? 0)),
    );
    expect(new Set(answers)).toEqual(new Set(['web']));
  });

  it.skipIf(isMissing)('passes on what a command says, and how it ends', async () => {
    const script = 'echo out; echo err >&2; exit 3';
    expect(await run('exec', 'web', '-c', 'box', '--', 'sh', '-c', script)).toMatchObject({
      code: 3,
      stdout: 'out\n',
      stderr: expect.stringContaining('err\n') as string,
    });
  });
});

async function textAt(port: number): Promise<string> {
  const request = get({ host: '127.0.0.1', port, path: '/hostname', agent: false });
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
