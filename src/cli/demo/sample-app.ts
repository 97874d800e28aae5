import { readFile } from 'node:fs/promises';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { parse } from 'yaml';
import type { Kube } from '../../kube/index.ts';
import { packageFile } from '../package-file.ts';
import { UsageError } from '../usage-error.ts';

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
  if (container) {
    container.image = image;
    // Should it crash, its last words are what the user needs.
    container.terminationMessagePolicy = 'FallbackToLogsOnError';
  }
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

/**
 * Waits until the Service lists two ready Pods, and answers them in alphabetical order. Throws with
 * the app's last words when it does not start on this machine.
 */
export async function awaitReadyPods(
  kube: Kube,
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly ip: string }[]> {
  using done = new StopSignal();
  const either = AbortSignal.any([signal, done.signal]);
  return await Promise.race([untilReady(kube, either), untilCrashed(kube, either)]);
}

async function untilReady(
  kube: Kube,
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly ip: string }[]> {
  const timeout = AbortSignal.timeout(startTimeoutMs);
  const ready = new Map<string, ReturnType<typeof readyPods>>();
  try {
    const slices = kube.watch<EndpointSlice>('endpointslices', {
      namespace,
      labelSelector: `kubernetes.io/service-name=${serviceName}`,
      signal: AbortSignal.any([signal, timeout]),
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

/** Never answers; throws when a container has crashed twice: it will not start the third time. */
async function untilCrashed(kube: Kube, signal: AbortSignal): Promise<never> {
  for await (const event of kube.watch<Pod>('pods', { namespace, signal })) {
    if (event.type === 'SYNCED') continue;
    const { containerStatuses = [] } = event.object.status ?? {};
    const crashed = containerStatuses.find(({ restartCount }) => restartCount >= 2);
    if (!crashed) continue;
    const { exitCode, reason, message } = crashed.lastState?.terminated ?? {};
    throw new UsageError(
      `the sample app does not start on this machine: ${reason} (exit code ${exitCode})\n${message ?? ''}`.trimEnd(),
      'try the other runtime: kubectl pitstop demo --runtime=node (or jvm)',
    );
  }
  return await new Promise<never>(() => {});
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
