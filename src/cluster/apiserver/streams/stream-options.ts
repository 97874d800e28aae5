import type { Pod } from 'kubernetes-types/core/v1.js';
import type { ExecOptions } from '../../api.ts';
import { ApiError } from '../../api-error.ts';

/** Refused before the upgrade, in plain text: what the kubelet says, not the API server. */
export class PlainRefusal extends Error {
  override readonly name = 'PlainRefusal';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads exec's or attach's query; throws what upstream answers when it makes no sense. */
export function streamOptions(
  url: URL,
  { pod, subresource }: { readonly pod: Pod; readonly subresource: 'exec' | 'attach' },
): ExecOptions {
  const query = url.searchParams;
  const container = containerOf(pod, query.get('container') ?? '');
  const flag = (name: string) => ['true', '1'].includes(query.get(name) ?? '');
  const [stdin, stdout, tty] = [flag('stdin'), flag('stdout'), flag('tty')];
  // A terminal has one output; upstream drops the wish for a second one silently.
  const stderr = flag('stderr') && !tty;
  if (!stdin && !stdout && !stderr)
    throw new PlainRefusal(400, 'you must specify at least 1 of stdin, stdout, stderr');
  const command = query.getAll('command');
  if (subresource === 'exec' && command.length === 0)
    throw badRequest('you must specify at least one command for the container');
  return { container, command, stdin, stdout, stderr, tty };
}

/** The container that is asked for, or the only one. */
export function containerOf(pod: Pod, wanted: string): string {
  const name = pod.metadata?.name ?? '';
  const {
    containers = [],
    initContainers = [],
    ephemeralContainers = [],
    nodeName,
  } = pod.spec ?? {};
  const all = [...containers, ...initContainers, ...ephemeralContainers];
  if (!wanted && containers.length > 1) {
    const list = (of: readonly { readonly name: string }[]) => of.map((one) => one.name).join(' ');
    const inits =
      initContainers.length > 0 ? ` or one of the init containers: [${list(initContainers)}]` : '';
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${list(containers)}]${inits}`,
    );
  }
  const container = wanted || containers[0]?.name || '';
  if (!all.some((one) => one.name === container))
    throw badRequest(`container ${container} is not valid for pod ${name}`);
  if (!nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  return container;
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}
