import { runScript } from '../../container/shell.ts';
import { findProcesses, type ContainerProcess } from '../../container/processes.ts';
import { PitstopError } from '../../errors.ts';
import { KubeError } from '../../../kube/index.ts';
import type { Detection, DiagnosticContext } from '../diagnostic.ts';
import { dialAddress, findListening, isOnLoopback, type ListeningPort } from '../listening.ts';
import { text } from 'node:stream/consumers';
import { probeScript } from './fetch-script.ts';
import { forwardedGet, type PprofAddress } from './forwarded-get.ts';

/** A Go program that serves its profiles, and how they are fetched. */
export interface FoundGo {
  readonly process: ContainerProcess;
  /** By what: a tool of the container, else a port-forward. */
  readonly tool: 'curl' | 'wget' | 'bash' | 'port-forward';
  readonly address: PprofAddress;
  /** Of pprof's index page, without a slash at the end. */
  readonly path: string;
}

export interface GoOptions {
  readonly pid?: number | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
}

interface NoGo {
  readonly reason: string;
  /** An ephemeral container, which has a tool that fetches, may do it. */
  readonly mayWorkAside?: boolean;
}

type Context = Pick<DiagnosticContext, 'target' | 'signal'>;

/** More listeners than that no program has for itself: a proxy rather. */
const mostPorts = 16;

/** Finds the Go program to work on, or says why there is none whose profiles can be had. */
export async function findGo(context: Context, options: GoOptions): Promise<FoundGo | NoGo> {
  const { processes } = await findProcesses(context.target, context.signal);
  const asked =
    options.pid === undefined ? processes : processes.filter((one) => one.pid === options.pid);
  const programs = await thoseInGo(context, asked);
  const path = (options.path ?? '/debug/pprof').replace(/\/+$/, '');
  const reasons: string[] = [];
  let mayWorkAside = false;
  for (const process of programs) {
    const ports = (await findListening(context, process.pid))
      .filter(({ isOwn }) => isOwn !== false)
      .filter(({ port }) => options.port === undefined || port === options.port);
    const found = await probe(context, path, ports.slice(0, mostPorts));
    if (!('reason' in found)) return { process, path, ...found };
    reasons.push(`pid ${process.pid} (${process.command}): ${found.reason}`);
    mayWorkAside ||= found.mayWorkAside ?? false;
  }
  if (reasons.length > 0) {
    const reason = `Go runs, but its profiles cannot be had: ${reasons.join('; ')}`;
    return { reason, mayWorkAside };
  }
  return { reason: 'no Go program runs in the container, as far as its build information tells' };
}

/** As `findGo`; throws `diagnostic-unavailable` with the reason. */
export async function requireGo(context: Context, options: GoOptions): Promise<FoundGo> {
  const found = await findGo(context, options);
  if ('reason' in found) throw new PitstopError('diagnostic-unavailable', found.reason);
  return found;
}

/** What was found, in the words of the catalogue. */
export function detectGo(found: FoundGo | NoGo): Detection {
  if ('reason' in found) return { works: false, ...found };
  const { process, tool, address, path } = found;
  const { pid, uid, command } = process;
  return {
    works: true,
    tool: `pprof by ${tool}`,
    process: { pid, uid, command },
    detail: `${path} on port ${address.port} of pid ${pid} (${command}), by ${tool}`,
  };
}

// debug/buildinfo: every Go binary since 1.13 has it, stripped or not. Where containers share their
// processes without a mount namespace of their own, HOSTNAME tells them apart.
const buildInfoScript = `
for pid; do
  there=$(tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^HOSTNAME=//p')
  [ -n "$there" ] && [ -n "$HOSTNAME" ] && [ "$there" != "$HOSTNAME" ] && continue
  LC_ALL=C grep -q ' Go buildinf:' "/proc/$pid/exe" 2>/dev/null && echo "$pid"
done
exit 0`;

/** The largest first. */
async function thoseInGo(
  { target, signal }: Context,
  processes: readonly ContainerProcess[],
): Promise<readonly ContainerProcess[]> {
  const candidates = processes
    .filter(({ runtime, executable }) => runtime === undefined && executable !== '')
    .toSorted((a, b) => b.residentBytes - a.residentBytes)
    .slice(0, 20);
  if (candidates.length === 0) return [];
  const pids = candidates.map(({ pid }) => String(pid));
  const { stdout } = await runScript(target, buildInfoScript, pids, { signal });
  const inGo = new Set(stdout.trim().split('\n'));
  return candidates.filter(({ pid }) => inGo.has(String(pid)));
}

type Served = Pick<FoundGo, 'tool' | 'address'>;

async function probe(
  context: Context,
  path: string,
  ports: readonly ListeningPort[],
): Promise<Served | NoGo> {
  if (ports.length === 0) return { reason: 'it listens on no TCP port' };
  const { target, signal } = context;
  const words = ports.flatMap((port) => [dialAddress(port), String(port.port)]);
  const { stdout } = await runScript(target, probeScript, [path, ...words], { signal });
  const [tool = '', scheme, host = '', port] = stdout.trim().split(' ');
  if (tool === 'curl' || tool === 'wget' || tool === 'bash') {
    const address: PprofAddress = {
      scheme: scheme === 'https' ? 'https' : 'http',
      host,
      port: Number(port),
    };
    return { tool, address };
  }
  const names = [...new Set(ports.map((one) => one.port))].join(', ');
  const nowhere = `none of its ports (${names}) answers ${path}/ (net/http/pprof not registered?)`;
  return tool === 'none'
    ? { reason: nowhere }
    : await probeByForward(context, path, ports, nowhere);
}

async function probeByForward(
  { target, signal }: Context,
  path: string,
  ports: readonly ListeningPort[],
  nowhere: string,
): Promise<Served | NoGo> {
  const reachable = [...new Set(ports.filter(isOnLoopback).map(({ port }) => port))];
  for (const port of reachable) {
    for (const scheme of ['http', 'https'] as const) {
      const address: PprofAddress = { scheme, host: '127.0.0.1', port };
      try {
        const page = await forwardedGet(target, address, {
          path: `${path}/`,
          waitMs: 5000,
          signal,
        });
        if ((await text(page)).includes('goroutine')) return { tool: 'port-forward', address };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof KubeError && error.code === 'forbidden') {
          const hint = error.hint ? ` (${error.hint})` : '';
          return {
            reason: `the container has neither curl, wget nor bash, and a port-forward is refused: ${error.message}${hint}`,
            mayWorkAside: true,
          };
        }
      }
    }
  }
  if (reachable.length > 0) return { reason: nowhere };
  return {
    reason: 'it does not listen on loopback, and the container has neither curl, wget nor bash',
    mayWorkAside: true,
  };
}
