import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Api } from './api.ts';
import type { Conformance } from './conformance.ts';
import type { Resource, Stored } from './resource.ts';
import { until } from './until.ts';

/** How long a Pod may take to start; upstream's bound. */
const startMs = 300_000;

export function waitUntilRunning(pods: Resource<Pod>, name: string): Promise<Stored<Pod>> {
  return waitFor(pods, name, 'runs', ({ status }) => {
    if (status.phase === 'Failed' || status.phase === 'Succeeded') {
      throw new Error(`pod ${name} has ended: ${JSON.stringify(status)}`);
    }
    return status.phase === 'Running';
  });
}

export function waitUntilReady(pods: Resource<Pod>, name: string): Promise<Stored<Pod>> {
  return waitFor(pods, name, 'is ready', (pod) => pod.status.phase === 'Running' && isReady(pod));
}

export function waitUntilEnded(pods: Resource<Pod>, name: string): Promise<Stored<Pod>> {
  return waitFor(
    pods,
    name,
    'has ended',
    ({ status }) => status.phase === 'Succeeded' || status.phase === 'Failed',
  );
}

export function waitUntilGone(
  pods: Resource<Pod>,
  name: string,
  timeoutMs = 180_000,
): Promise<boolean> {
  return until(`pod ${name} is gone`, async () => (await pods.find(name)) === undefined, timeoutMs);
}

/** Waits for a Pod to be as `fits` says, and returns it as it then is. */
export async function waitFor(
  pods: Resource<Pod>,
  name: string,
  what: string,
  fits: (pod: Stored<Pod>) => boolean,
): Promise<Stored<Pod>> {
  let last: Stored<Pod> | undefined;
  try {
    return await until(
      `pod ${name} ${what}`,
      async () => {
        last = await pods.get(name);
        return fits(last) && last;
      },
      startMs,
    );
  } catch (cause) {
    throw new Error(`pod ${name}: ${JSON.stringify(last?.status)}`, { cause });
  }
}

export function isReady(pod: Stored<Pod>): boolean {
  return (
    pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ??
    false
  );
}

/** Creates the Pod and waits until it runs. */
export async function run(c: Conformance, pod: Pod): Promise<Stored<Pod>> {
  const pods = c.in<Pod>('v1', 'pods');
  const { metadata } = await pods.create(pod);
  return waitUntilRunning(pods, metadata.name);
}

/** Runs a Pod to its end, which must be a success, and returns what its container printed. */
export async function outputOf(c: Conformance, pod: Pod, container?: string): Promise<string> {
  const pods = c.in<Pod>('v1', 'pods');
  const { metadata } = await pods.create(pod);
  const ended = await waitUntilEnded(pods, metadata.name);
  const name = container ?? ended.spec.containers[0]!.name;
  const output = await logOf(c.api, ended, { container: name });
  if (ended.status.phase !== 'Succeeded') {
    throw new Error(`pod ${metadata.name} has failed: ${JSON.stringify(ended.status)}\n${output}`);
  }
  return output;
}

/** The log of a container, once. */
export async function logOf(
  api: Api,
  pod: Stored<Pod>,
  query: Readonly<Record<string, string | number | boolean>> = {},
): Promise<string> {
  const { namespace, name } = pod.metadata;
  const answer = await api.raw('GET', `/api/v1/namespaces/${namespace}/pods/${name}/log`, {
    query,
  });
  if (answer.code !== 200) throw new Error(`log of ${name}: ${answer.code} ${answer.body}`);
  return answer.body;
}
