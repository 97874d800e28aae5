import type { Container, HTTPGetAction, Probe } from 'kubernetes-types/core/v1.js';
import { get } from 'node:http';
import { get as getTls } from 'node:https';
import { connect } from 'node:net';
import { utf8Header } from '../../utf8-header.ts';
import { probeGrpc } from './grpc-probe.ts';
import { connectFrom, joinHostPort } from './host-port.ts';
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
  /** It could not be run at all: as upstream, that is told of and counts neither way. */
  readonly isUnknown?: true;
}

/** A response body worth quoting in an Event. */
const MAX_BODY_BYTES = 10 * 1024;

/** Runs a probe once; never rejects, and is done after `timeoutMs`. */
export async function runProbe(
  probe: Probe,
  how: { readonly target: ProbeTarget; readonly timeoutMs: number },
): Promise<ProbeOutcome> {
  try {
    return await run(probe, how);
  } catch (error) {
    // A port that has no such name, a host that is none: the API server lets both pass.
    const message = error instanceof Error ? error.message : String(error);
    return { success: false, isUnknown: true, message };
  }
}

async function run(
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
  if (probe.grpc) {
    const { podIp: host, localAddress } = target;
    const { port, service = '' } = probe.grpc;
    return probeGrpc({ host, port, service, timeoutMs, localAddress });
  }
  return { success: true, message: '' };
}

/** A port by number, or by the name the container gives it. Throws as the kubelet does for any other name. */
export function portOf(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  if (named !== undefined) return named;
  if (/^\d+$/.test(port)) return Number(port);
  throw new Error(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
}

async function probeHttp(
  action: HTTPGetAction,
  { target, timeoutMs }: { readonly target: ProbeTarget; readonly timeoutMs: number },
): Promise<ProbeOutcome> {
  const host = action.host || target.podIp;
  const port = portOf(action.port, target.container);
  const scheme = (action.scheme ?? 'HTTP').toLowerCase();
  const path = action.path || '/';
  const headers = headersOf(action);
  const signal = AbortSignal.timeout(timeoutMs);
  const { localAddress } = target;
  let url = new URL(
    `${scheme}://${joinHostPort(host, port)}${path.startsWith('/') ? path : `/${path}`}`,
  );
  const first = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const answer = await askOnce(url, { headers, signal, localAddress });
    if ('error' in answer)
      return {
        success: false,
        message: `Get "${goUrl(url)}": ${httpError(answer.error, placeOf(url))}`,
      };
    const { status, location, body } = answer;
    if (status < 200 || status >= 400)
      return { success: false, message: `HTTP probe failed with statuscode: ${status}` };
    if (status < 300 || location === undefined) return { success: true, message: '' };
    const next = new URL(location, url);
    // A redirect to another host counts as success: it is not this container's health that is there.
    if (next.hostname !== first.hostname)
      return {
        success: true,
        message: '',
        warning: `Probe terminated redirects, Response body: ${body}`,
      };
    url = next;
  }
  return {
    success: false,
    message: `Get "${goUrl(url)}": stopped after ${MAX_REDIRECTS} redirects`,
  };
}

const MAX_REDIRECTS = 10;

function headersOf(action: HTTPGetAction): Record<string, string> {
  const given = (action.httpHeaders ?? []).map(
    ({ name, value }) => [name.toLowerCase(), utf8Header(value)] as const,
  );
  return {
    'user-agent': 'kube-probe/1.36',
    accept: '*/*',
    connection: 'close',
    ...Object.fromEntries(given),
  };
}

type Answer =
  | { readonly status: number; readonly location: string | undefined; readonly body: string }
  | { readonly error: NodeJS.ErrnoException };

function askOnce(
  url: URL,
  how: {
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    readonly localAddress: string;
  },
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const { headers, signal, localAddress } = how;
  const from = connectFrom(localAddress, url.hostname);
  const options = { headers, signal, ...from, agent: false as const, rejectUnauthorized: false };
  const request = (url.protocol === 'https:' ? getTls : get)(url, options, (response) => {
    const status = response.statusCode ?? 0;
    let body = '';
    response.setEncoding('latin1').on('data', (chunk: string) => {
      body += chunk;
      if (body.length > MAX_BODY_BYTES) response.destroy();
    });
    response.on('error', () => {});
    response.once('close', () => resolve({ status, location: response.headers.location, body }));
  });
  // A switch of protocols that nobody asked for: an answer like any other, and no response to Node.
  request.once('upgrade', ({ statusCode = 0 }, socket) => {
    socket.destroy();
    resolve({ status: statusCode, location: undefined, body: '' });
  });
  request.on('error', (error: NodeJS.ErrnoException) => resolve({ error }));
  return promise;
}

/** As Go prints it: the port is said even where it is the scheme's own. */
function goUrl(url: URL): string {
  return `${url.protocol}//${placeOf(url)}${url.pathname}${url.search}`;
}

function placeOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}

/** Go's words for what went wrong. */
function httpError(error: NodeJS.ErrnoException, place: string): string {
  if (error.name === 'AbortError' || error.code === 'ABORT_ERR')
    return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
  if (error.code === 'ECONNRESET')
    return error.message.includes('hang up') ? 'EOF' : 'read: connection reset by peer';
  return dialError(error, place);
}

function dialError(error: NodeJS.ErrnoException, place: string): string {
  const words: Record<string, string> = {
    ECONNREFUSED: 'connect: connection refused',
    EHOSTUNREACH: 'connect: no route to host',
    ENETUNREACH: 'connect: network is unreachable',
  };
  return `dial tcp ${place}: ${words[error.code ?? ''] ?? error.message}`;
}

function probeTcp(options: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly localAddress: string;
}): Promise<ProbeOutcome> {
  const { host, port, timeoutMs, localAddress } = options;
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
  const place = joinHostPort(host, port);
  const socket = connect({ host, port, ...connectFrom(localAddress, host) });
  socket.setTimeout(timeoutMs, () => {
    socket.destroy();
    resolve({ success: false, message: `dial tcp ${place}: i/o timeout` });
  });
  socket.once('connect', () => {
    socket.destroy();
    resolve({ success: true, message: '' });
  });
  socket.on('error', (error) => resolve({ success: false, message: dialError(error, place) }));
  return promise;
}

/** KEP-1972: an exec probe's timeout counts as a failure, and the command is ended. Rejects when there is no such command. */
async function probeExec(
  command: readonly string[],
  { target, timeoutMs }: { readonly target: ProbeTarget; readonly timeoutMs: number },
): Promise<ProbeOutcome> {
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
}
