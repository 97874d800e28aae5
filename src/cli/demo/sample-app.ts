import { readFile } from 'node:fs/promises';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { parse } from 'yaml';
import type { Kube } from '../../kube/index.ts';
import { packageFile } from '../package-file.ts';

/** The note's names. */
export const namespace = 'my-namespace';
export const serviceName = 'my-svc';
const startTimeoutMs = 90_000;

/** The manifests that users apply with kubectl. */
export function manifestPath(...parts: readonly string[]): string {
  return packageFile('examples', 'my-api', ...parts);
}

export async function createNamespace(kube: Kube, signal: AbortSignal): Promise<void> {
  await kube.create('namespaces', { metadata: { name: namespace } }, { signal });
}

export async function deploy(kube: Kube, image: string, signal: AbortSignal): Promise<void> {
  const deployment = await readManifest<Deployment>('deployment.yaml');
  const [container] = deployment.spec?.template.spec?.containers ?? [];
  if (container) container.image = image;
  await kube.create<Deployment>('deployments', inNamespace(deployment), { signal });
}

export async function expose(kube: Kube, signal: AbortSignal): Promise<void> {
  await kube.create<Service>('services', inNamespace(await readManifest<Service>('service.yaml')), {
    signal,
  });
}

/** Where the Service is reached from this machine. */
export async function readNodePort(kube: Kube, signal: AbortSignal): Promise<number> {
  const reference = { resource: 'services', namespace, name: serviceName } as const;
  const service = await kube.get<Service>(reference, { signal });
  const port = service?.spec?.ports?.[0]?.nodePort;
  if (port === undefined) throw new Error(`service ${namespace}/${serviceName} has no node port`);
  return port;
}

/** Waits until the Service lists two ready Pods, and answers them in alphabetical order. */
export async function awaitReadyPods(
  kube: Kube,
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly ip: string }[]> {
  using done = new StopSignal();
  const timeout = AbortSignal.timeout(startTimeoutMs);
  const ready = new Map<string, ReturnType<typeof readyPods>>();
  try {
    const slices = kube.watch<EndpointSlice>('endpointslices', {
      namespace,
      labelSelector: `kubernetes.io/service-name=${serviceName}`,
      signal: AbortSignal.any([signal, timeout, done.signal]),
    });
    for await (const event of slices) {
      if (event.type === 'SYNCED') continue;
      const { type, object } = event;
      ready.set(object.metadata?.name ?? '', type === 'DELETED' ? [] : readyPods(object));
      const pods = [...ready.values()].flat();
      if (pods.length >= 2) return pods.toSorted((a, b) => a.name.localeCompare(b.name));
    }
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error;
  }
  signal.throwIfAborted();
  throw new Error(
    `the Pods of my-api are not Ready after ${startTimeoutMs / 1000} s:\n${await describePods(kube)}`,
  );
}

function readyPods({ endpoints }: EndpointSlice): { readonly name: string; readonly ip: string }[] {
  return (endpoints ?? []).flatMap(({ addresses: [ip], conditions, targetRef }) =>
    ip !== undefined && conditions?.ready !== false && targetRef?.name !== undefined
      ? [{ name: targetRef.name, ip }]
      : [],
  );
}

async function describePods(kube: Kube): Promise<string> {
  const pods = await kube.list<Pod>('pods', { namespace });
  return pods
    .map(({ metadata, status }) => {
      const [container] = status?.containerStatuses ?? [];
      const { waiting, terminated } = container?.state ?? {};
      const why = waiting?.message ?? waiting?.reason ?? terminated?.reason ?? '';
      return `  ${metadata?.name}: ${status?.phase ?? 'unknown'} ${why}`;
    })
    .join('\n');
}

async function readManifest<T>(name: string): Promise<T> {
  return parse(await readFile(manifestPath(name), 'utf8')) as T;
}

function inNamespace<T extends Deployment | Service>(object: T): T {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** Ends a watch when its block is left. */
class StopSignal implements Disposable {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
  }
}
