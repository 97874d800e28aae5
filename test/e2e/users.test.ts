import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasNamespaces } from '../../src/cluster/network/index.ts';
import { useCluster } from '../support/cluster.ts';
import { kubectl } from '../support/kubectl.ts';
import { until } from '../support/until.ts';

describe('users of a running cluster', () => {
  const world = useCluster();
  const admin = (...args: string[]) => kubectl(world.cluster.kubeconfigPath, args);
  let jane = '';
  beforeAll(async () => {
    jane = join(world.cluster.directory, 'jane');
    const text = await world.cluster.kubeconfigFor({ username: 'jane', groups: ['devs'] });
    await writeFile(jane, text, { mode: 0o600 });
  });

  it('somebody with a kubeconfig of her own may do what a role says', async () => {
    expect((await kubectl(jane, ['get', 'pods'])).stderr).toContain(
      'pods is forbidden: User "jane" cannot list resource "pods"',
    );
    await admin('create', 'rolebinding', 'devs', '--clusterrole=edit', '--group=devs');
    expect((await kubectl(jane, ['create', 'configmap', 'hers'])).code).toBe(0);
    expect((await kubectl(jane, ['get', 'nodes'])).stderr).toContain('cannot list');
    expect((await kubectl(jane, ['get', '--raw', '/pitstop.dev/images'])).stderr).toContain(
      'forbidden: User "jane" cannot get path "/pitstop.dev/images"',
    );
  });

  it('a Pod is its service account', async ({ skip }) => {
    const { level } = world.cluster;
    if (!hasNamespaces(level)) skip(`at level ${level} volumes are not mounted`);
    await admin('create', 'serviceaccount', 'robot');
    const script =
      'cd /var/run/secrets/kubernetes.io/serviceaccount && kubectl get configmaps -n $(cat namespace) -o name 2>&1; sleep 1000';
    const container = { name: 'c', image: 'busybox', command: ['sh', '-c', script] };
    for (const name of ['before', 'after']) {
      if (name === 'after') {
        const account = '--serviceaccount=default:robot';
        await admin('create', 'rolebinding', 'robot', '--clusterrole=view', account);
      }
      await kubectl(world.cluster.kubeconfigPath, ['create', '-f', '-'], {
        input: JSON.stringify({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name },
          spec: {
            serviceAccountName: 'robot',
            terminationGracePeriodSeconds: 0,
            containers: [container],
          },
        }),
      });
      const said = async () => (await admin('logs', name)).stdout;
      await until(`${name} has asked`, async () => (await said()) !== '');
      expect(await said()).toContain(
        name === 'before'
          ? 'User "system:serviceaccount:default:robot" cannot list resource "configmaps"'
          : 'configmap/kube-root-ca.crt',
      );
    }
  });
});
