import type { Container, HTTPGetAction, Probe } from 'kubernetes-types/core/v1.js';
import { get } from 'node:http';
import { get as getTls } from 'node:https';
import { connect } from 'node:net';
import type { ContainerProcess } from '../runtime/runtime.ts';

export interface ProbeTarget {
  readonly container: Container;
  readonly process: ContainerProcess;
  readonly podIp: string;
  /** The node's own address: where a kubelet's probes come from. */
  readonly localAddress: string;
}

export interface ProbeOutcome {
  readonly success: boolean;
  /** The kubelet's words, without `Readiness probe failed: `. */
  readonly message: string;
  readonly warning?: string;
}

/** A response body worth quoting in an Event. */
const MAX_BODY_BYTES = 10 * 1024;

/** Runs a probe once; never rejects, and is done after `timeoutMs`. */
export async function runProbe(
  probe: Probe,
  { target, timeoutMs }: { readonly target: ProbeTarget; readonly timeoutMs: number },
): Promise<ProbeOutcome> {
  if (probe.exec) return probeExec(probe.exec.command ?? [], { target, timeoutMs });
  if (probe.httpGet) return probeHttp(probe.httpGet, { target, timeoutMs });
  if (probe.tcpSocket) {
    const host = probe.tcpSocket.host || target.podIp;
    const port = portOf(probe.tcpSocket.port, target.container);
    return probeTcp({ host, port, timeoutMs, localAddress: target.localAddress });
  }
  return { success: true, message: '' };
}

/** A port by number, or by the name the container gives it. */
export function portOf(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  return named ?? Number(port);
}

function probeHttp(
  action: HTTPGetAction,
  { target, timeoutMs }: { readonly target: ProbeTarget; readonly timeoutMs: number },
): Promise<ProbeOutcome> {
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
  const host = action.host || target.podIp;
  const port = portOf(action.port, target.container);
  const scheme = (action.scheme ?? 'HTTP').toLowerCase();
  const path = action.path || '/';
  const url = `${scheme}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`;
  const given = Object.fromEntries(
    (action.httpHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]),
  );
  const options = {
    localAddress: target.localAddress,
    headers: { 'user-agent': 'kube-probe/1.36', accept: '*/*', connection: 'close', ...given },
    agent: false as const,
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(timeoutMs),
  };
  const request = (scheme === 'https' ? getTls : get)(url, options, (response) => {
    const status = response.statusCode ?? 0;
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) response.destroy();
    });
    response.on('error', () => {});
    response.once('close', () => {
      const success = status >= 200 && status < 400;
      resolve({ success, message: success ? '' : `HTTP probe failed with statuscode: ${status}` });
    });
  });
  request.once('error', (error: NodeJS.ErrnoException) =>
    resolve({ success: false, message: `Get "${url}": ${httpError(error, { host, port })}` }),
  );
  return promise;
}

/** Go's words for what went wrong. */
function httpError(
  error: NodeJS.ErrnoException,
  at: { readonly host: string; readonly port: number },
): string {
  if (error.name === 'AbortError' || error.code === 'ABORT_ERR')
    return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
  if (error.code === 'ECONNRESET')
    return error.message.includes('hang up') ? 'EOF' : 'read: connection reset by peer';
  return dialError(error, at);
}

function dialError(
  error: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  const words: Record<string, string> = {
    ECONNREFUSED: 'connect: connection refused',
    EHOSTUNREACH: 'connect: no route to host',
    ENETUNREACH: 'connect: network is unreachable',
  };
  return `dial tcp ${host}:${port}: ${words[error.code ?? ''] ?? error.message}`;
}

function probeTcp(options: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly localAddress: string;
}): Promise<ProbeOutcome> {
  const { host, port, timeoutMs, localAddress } = options;
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
  const socket = connect({ host, port, localAddress });
  socket.setTimeout(timeoutMs, () => {
    socket.destroy();
    resolve({ success: false, message: `dial tcp ${host}:${port}: i/o timeout` });
  });
  socket.once('connect', () => {
    socket.destroy();
    resolve({ success: true, message: '' });
  });
  socket.once('error', (error) =>
    resolve({ success: false, message: dialError(error, { host, port }) }),
  );
  return promise;
}

/** KEP-1972: an exec probe's timeout counts as a failure, and the command is ended. */
async function probeExec(
  command: readonly string[],
  { target, timeoutMs }: { readonly target: ProbeTarget; readonly timeoutMs: number },
): Promise<ProbeOutcome> {
  try {
    const process = await target.process.exec({ command, stdin: false, tty: false });
    let output = '';
    const collect = (chunk: Buffer) => {
      if (output.length < MAX_BODY_BYTES) output += chunk.toString();
    };
    process.stdout.on('data', collect);
    process.stderr?.on('data', collect);
    const timeout = AbortSignal.timeout(timeoutMs);
    timeout.addEventListener('abort', () => process.kill());
    const { exitCode } = await process.exit;
    if (timeout.aborted)
      return {
        success: false,
        message: `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`,
      };
    return { success: exitCode === 0, message: output };
  } catch (error) {
    return { success: false, message: error instanceof Error ? error.message : String(error) };
  }
}
