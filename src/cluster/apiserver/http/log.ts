import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { LogOptions, NodeAgent } from '../../api.ts';
import { invalid } from '../../machinery/index.ts';
import { liveEntry } from '../pipeline/update.ts';
import { badRequest } from '../words.ts';
import { isTrue, numberOf } from './exchange.ts';
import { keyOfTarget, type Target } from './target.ts';

/** GET pods/NAME/log: the container's text, as it comes when `follow` is set. */
export async function sendLog(target: Target, agent: NodeAgent): Promise<void> {
  const { response, url } = target.exchange;
  const lines = await openLog(target, url.searchParams, agent);
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache, private' });
  response.flushHeaders();
  // A client that leaves in the middle of the log is no error.
  await pipeline(lines, response).catch(() => response.destroy());
}

/** The log that a query asks for; throws what upstream answers when it makes no sense. */
export function openLog(
  target: Pick<Target, 'context' | 'path' | 'stored'>,
  query: URLSearchParams,
  agent: NodeAgent,
): Promise<Readable> {
  const pod = liveEntry(target.context, target.stored, keyOfTarget(target)).object as Pod;
  const options = logOptionsOf(query, pod);
  if (!pod.spec?.nodeName)
    throw badRequest(`pod ${pod.metadata?.name} does not have a host assigned`);
  return agent.logs(pod, options);
}

/** The container that is meant: the one named, the default, or the only one. Throws 400. */
function containerOf(pod: Pod, requested: string | null): string {
  const name = pod.metadata?.name ?? '';
  const named = (list?: readonly { readonly name: string }[]) =>
    (list ?? []).map((one) => one.name);
  const containers = named(pod.spec?.containers);
  const init = named(pod.spec?.initContainers);
  const ephemeral = named(pod.spec?.ephemeralContainers);
  const byAnnotation = pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'];
  const [only] = containers;
  if (
    !requested &&
    (containers.length === 1 || (byAnnotation && containers.includes(byAnnotation)))
  ) {
    return containers.length === 1 ? only! : byAnnotation!;
  }
  if (!requested) {
    const others = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]${others}`,
    );
  }
  if ([...containers, ...init, ...ephemeral].includes(requested)) return requested;
  throw badRequest(`container ${requested} is not valid for pod ${name}`);
}

function logOptionsOf(query: URLSearchParams, pod: Pod): LogOptions {
  const flag = (name: string) => query.has(name) && isTrue(query.get(name));
  const number = (name: string, least: number) => {
    const value = numberOf(query, name);
    if (value !== undefined && value < least) throw outOfRange(name, value, least);
    return value;
  };
  const tailLines = number('tailLines', 0);
  const limitBytes = number('limitBytes', 1);
  const sinceTime = query.get('sinceTime');
  if (sinceTime && Number.isNaN(Date.parse(sinceTime)))
    throw badRequest(`invalid sinceTime ${JSON.stringify(sinceTime)}: it must be RFC 3339`);
  const sinceSeconds = sinceTime ? undefined : number('sinceSeconds', 1);
  const stream = query.get('stream')?.toLowerCase();
  return {
    container: containerOf(pod, query.get('container')),
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    ...(tailLines !== undefined && { tailLines }),
    ...(sinceSeconds !== undefined && { sinceSeconds }),
    ...(sinceTime && { sinceTime }),
    ...((stream === 'stdout' || stream === 'stderr') && { stream }),
    ...(limitBytes !== undefined && { limitBytes }),
  };
}

function outOfRange(field: string, value: number, least: number): Error {
  return invalid({ group: '', version: 'v1', kind: 'PodLogOptions' }, '', [
    {
      type: 'FieldValueInvalid',
      field,
      message: `Invalid value: ${value}: must be greater than ${least === 0 ? 'or equal to 0' : 0}`,
    },
  ]);
}
