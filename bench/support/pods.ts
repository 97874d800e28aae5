import { readFileSync } from 'node:fs';
import type { ApiServer } from '../../src/cluster/apiserver/index.ts';

interface Recorded {
  readonly metadata: { readonly labels: object; readonly ownerReferences: object };
  readonly spec: { readonly containers: readonly object[] };
  readonly status: object;
}

/** Fills a server with Pods as a real cluster has them: 5.7 KB of JSON each, status and managedFields and all. */
export function createPods(server: ApiServer, count: number): void {
  const url = new URL('../../test/recorded/objects/pods.json', import.meta.url);
  const pod = (JSON.parse(readFileSync(url, 'utf8')) as { items: Recorded[] }).items[0];
  if (!pod) throw new Error('no recorded Pod');
  const { labels, ownerReferences } = pod.metadata;
  const [container] = pod.spec.containers;
  const env = Array.from({ length: 2 }, (_, n) => ({
    name: `SETTING_NUMBER_${n}`,
    value: `https://service-${n}.default.svc.cluster.local:8080/a/path`,
  }));
  const spec = { ...pod.spec, containers: [{ ...container, env }] };
  for (let n = 0; n < count; n += 1) {
    const name = `my-deployment-5dcf5564cc-${n.toString(36).padStart(5, '0')}`;
    server.api.create(
      'pods',
      { metadata: { name, namespace: 'default', labels, ownerReferences }, spec },
      { fieldManager: 'kube-controller-manager' },
    );
    server.api.patch(
      'pods',
      { namespace: 'default', name },
      { status: pod.status },
      { type: 'merge', subresource: 'status', fieldManager: 'kubelet' },
    );
  }
}
