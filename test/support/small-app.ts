import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../src/kube/index.ts';
import { sleeperImage } from './images.ts';
import { readyPods } from './my-api.ts';
import { awaitSettled } from './settled.ts';
import { createNamespace } from './target-cluster.ts';

export interface SmallApp {
  readonly namespace: string;
  /** Names of the Pods, oldest first. */
  readonly pods: readonly string[];
}

/**
 * Deploys `web`, a Deployment whose containers only sleep, behind the Service `web`: the cheapest
 * thing that can be taken out of traffic. With route `label` the Service selects on a label of its own.
 */
export async function deploySmallApp(
  kube: Kube,
  options: {
    readonly namespace: string;
    readonly route?: 'label' | 'release';
    readonly replicas?: number;
    readonly change?: (manifests: { deployment: Deployment; service: Service }) => void;
  },
): Promise<SmallApp> {
  const { route = 'release', replicas = 2 } = options;
  const namespace = await createNamespace(kube, options.namespace);
  const selector = { app: 'web', ...(route === 'label' && { traffic: 'on' }) };
  const deployment: Deployment = {
    metadata: { name: 'web', namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: selector },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'web',
              image: sleeperImage,
              command: ['sleep', '100000'],
              ports: [{ name: 'http', containerPort: 8080 }],
            },
          ],
        },
      },
    },
  };
  const service: Service = {
    metadata: { name: 'web', namespace },
    spec: { selector, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
  options.change?.({ deployment, service });
  await kube.create('deployments', deployment);
  await kube.create('services', service);
  const pods = await readyPods(kube, namespace, replicas);
  await awaitSettled(kube, namespace, { deployment: 'web', service: 'web', replicas });
  return { namespace, pods: pods.map(nameOf).toSorted((a, b) => a.localeCompare(b)) };
}

export function nameOf({ metadata }: Pod): string {
  return metadata?.name ?? '';
}
