import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/cluster/api.ts';
import { writeKubeconfig } from '../../src/cluster/launch/kubeconfig.ts';
import { useApiServer } from '../support/api-server.ts';
import { findKubectls, kubectl } from '../support/kubectl.ts';
import { recorded } from '../support/recorded.ts';

/** What is not compared, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'api-resources': 'custom resources and aggregated servers are not served',
  'api-versions': 'custom resources and aggregated servers are not served',
  get_gadgets: 'custom resources are not served',
};

const RECORDINGS = new URL('../recorded/kubectl-output/', import.meta.url);
const recordings = (await readdir(RECORDINGS)).map((file) => file.replace(/\.txt$/, ''));
const binary = findKubectls().get('PATH') ?? '';
const server = useApiServer({ advertise: { ip: '10.89.0.2', port: 6443 } });
let directory = '';
let kubeconfig = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pitstop-kubectl-'));
  kubeconfig = join(directory, 'config');
  const { port, ca, token } = server();
  await writeKubeconfig(kubeconfig, 'pitstop', { server: `https://127.0.0.1:${port}`, ca, token });
  load();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe.skipIf(!binary)(
  'of the recorded objects kubectl prints what it printed of a real cluster:',
  () => {
    it.each(recordings.filter((name) => !(name in LEFT_OUT)))('%s', async (name) => {
      const [command = '', ...lines] = (
        await readFile(new URL(`${name}.txt`, RECORDINGS), 'utf8')
      ).split('\n');
      const { stdout, stderr } = await kubectl(kubeconfig, command.split(' ').slice(2), {
        binary,
        cwd: directory,
      });
      expect(comparable(withoutSkew(stderr) + stdout)).toEqual(comparable(lines.join('\n')));
    });
  },
);

/** Owners first, for who is owned names the new uid. */
const RESOURCES = [
  'nodes',
  'deployments',
  'replicasets',
  'pods',
  'services',
  'endpoints',
  'endpointslices',
  'events',
] as const;

function load(): void {
  const { api } = server();
  api.create('serviceaccounts', { metadata: { namespace: 'default', name: 'default' } });
  const renewTime = '2026-11-23T01:40:00.000000Z';
  api.create('leases', {
    metadata: { namespace: 'kube-node-lease', name: 'node1' },
    spec: { holderIdentity: 'node1', leaseDurationSeconds: 40, renewTime },
  });
  const uids = new Map<string, string>();
  for (const resource of RESOURCES) {
    const text = JSON.stringify(recorded(`objects/${resource}.json`));
    const current = text.replaceAll(/[0-9a-f-]{36}/g, (uid) => uids.get(uid) ?? uid);
    for (const object of (JSON.parse(current) as { items: KubeObject[] }).items) {
      const {
        uid = '',
        name = '',
        namespace,
        resourceVersion: _,
        ...metadata
      } = object.metadata ?? {};
      const key = { name, ...(namespace !== undefined && { namespace }) };
      if (api.get(resource, key)) continue;
      const created = api.create<KubeObject & { metadata: { uid?: string } }>(resource, {
        ...object,
        metadata: { ...metadata, ...key },
      });
      uids.set(uid, created.metadata?.uid ?? '');
      const { status } = object as { status?: object };
      if (status) api.patch(resource, key, { status }, { type: 'merge', subresource: 'status' });
    }
  }
}

/** Without ages and instants, and without the width that they gave their column. */
function comparable(text: string): string[] {
  return (
    text
      // Before the ages: a part of a UID may look like one (`926d`).
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
      .replaceAll(/\b(?:\d+[smhdy])+\b(?! period| timeout)/g, 'AGE')
      .replaceAll(/\w{3}, \d\d \w{3} \d{4} [\d:]+ \+0000/g, 'TIME')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      // What older kubectls call it.
      .replaceAll(/ConfigMapOptional: +<nil>/g, 'Optional: false')
      .split('\n')
      .map((line) => line.replaceAll(/(?<=:) +| {2,}/g, '  ').trimEnd())
      .filter((line) => line !== '')
  );
}

function withoutSkew(stderr: string): string {
  return stderr.replace(/^WARNING: version difference.*\n/m, '');
}
