import { readFile } from 'node:fs/promises';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { parse } from 'yaml';
import type { Kube } from '../../src/kube/index.ts';
import { awaitSettled } from './settled.ts';
import { until } from './until.ts';

export interface MyApi {
  readonly namespace: string;
  /** Of the Service, on 127.0.0.1. */
  readonly nodePort: number;
  readonly pods: readonly Pod[];
}

/** Deploys the example into a namespace of its own and waits until all its Pods are listed ready. */
export async function deployMyApi(
  kube: Kube,
  options: {
    readonly namespace: string;
    readonly runtime: 'jvm' | 'node';
    readonly heapMb?: number;
    readonly replicas?: number;
    readonly change?: (manifests: { deployment: Deployment; service: Service }) => void;
  },
): Promise<MyApi> {
  const { namespace, runtime, heapMb = 20, replicas = 2 } = options;
  const deployment = await manifest<Deployment>('deployment.yaml');
  const service = await manifest<Service>('service.yaml');
  const [container] = deployment.spec?.template.spec?.containers ?? [];
  if (!deployment.spec || !container) throw new Error('the example has lost its container');
  deployment.spec.replicas = replicas;
  container.image = `my-api:1-${runtime}`;
  container.env = [
    ...(container.env ?? []).filter(({ name }) => name !== 'MY_API_HEAP_MB'),
    { name: 'MY_API_HEAP_MB', value: String(heapMb) },
  ];
  options.change?.({ deployment, service });

  await kube.create('namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  for (const [resource, object] of [
    ['deployments', deployment],
    ['services', service],
  ] as const) {
    await kube.create(resource, { ...object, metadata: { ...object.metadata, namespace } });
  }
  const pods = await readyPods(kube, namespace, replicas);
  const { name = '' } = deployment.metadata ?? {};
  await awaitSettled(kube, namespace, { deployment: name, service: 'my-svc', replicas });
  const stored = await kube.get<Service>({ resource: 'services', namespace, name: 'my-svc' });
  return { namespace, nodePort: stored?.spec?.ports?.[0]?.nodePort ?? 0, pods };
}

/** The Pods of a namespace, once exactly `count` exist and all are Ready. */
export function readyPods(kube: Kube, namespace: string, count: number): Promise<readonly Pod[]> {
  return until(`${count} ready Pods in ${namespace}`, async () => {
    const pods = await kube.list<Pod>('pods', { namespace });
    const ready = pods.every(({ status }) =>
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
    );
    return pods.length === count && ready && pods;
  });
}

async function manifest<T>(name: string): Promise<T> {
  const url = new URL(`../../examples/my-api/${name}`, import.meta.url);
  return parse(await readFile(url, 'utf8')) as T;
}
