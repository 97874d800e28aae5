import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatElapsed } from '../duration.ts';
import { plural } from '../../engine/index.ts';
import type { Kubectl } from './kubectl.ts';
import type { RuntimeName } from './runtime.ts';
import { manifestPath, namespace, serviceName } from './sample-app.ts';
import { TrafficProbe, type ProbeOptions, type ProbeRequest } from './traffic-probe.ts';

/** What the recipe by hand came to, under `status.demo.byHand`. */
export interface ByHandResult {
  readonly pod: string;
  /** Requests that started while `kubectl get endpoints` no longer showed the Pod. */
  readonly requests: number;
  readonly toRemovedPod: number;
  readonly failed: number;
  /** Requests that waited more than half a second while the "removed" Pod was being dumped. */
  readonly stalledByDump: number;
  readonly longestWaitMs: number;
}

export interface ByHandOptions {
  readonly kubectl: Kubectl;
  readonly pod: { readonly name: string; readonly ip: string };
  readonly runtime: RuntimeName;
  readonly probe: ProbeOptions;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const watchMs = 3_000;
const stallMs = 500;

/**
 * The note's recipe with the note's commands: selector off, the Pod's address out of the Endpoints,
 * dump, copy, selector on again; and from the traffic, what it was worth. On today's data plane the
 * EndpointSlice that the selector made stays, still lists the Pod, and goes on being routed to.
 */
export async function liveThroughByHand(options: ByHandOptions): Promise<ByHandResult> {
  const { pod, signal, say } = options;
  await using probe = new TrafficProbe(options.probe);
  const type = typist(options);

  say('By hand, as the recipe says:');
  await type(['get', 'pod']);
  await type(['get', 'endpoints', serviceName]);
  say('  1. the selector must go, or the controller would put every Pod back:');
  await type(['apply', '-f', manifestPath('by-hand', 'service-without-selector.yaml')]);
  say(`  2. which address is the Pod's? ${pod.name} has ${pod.ip}; out of the Endpoints with it:`);
  await type(['describe', 'pod', pod.name], { show: /^(?:Name|Namespace|IP):/ });
  const editor = `${process.execPath} ${manifestPath('by-hand', 'drop-address.mjs')} ${pod.ip}`;
  await type(['edit', 'endpoints', serviceName], { editor });
  await type(['get', 'endpoints', serviceName]);

  const removedAtMs = Date.now();
  await sleep(watchMs, undefined, { signal });
  const meanwhile = probe.requests.filter(({ startedAtMs }) => startedAtMs >= removedAtMs);
  const reached = meanwhile.filter((request) => request.pod === pod.name).length;
  say(
    `  kubectl shows the Pod gone, but ${reached} of ${plural(meanwhile.length, 'request')} still went to it. This is why:`,
  );
  await type(['get', 'endpointslices', '-l', `kubernetes.io/service-name=${serviceName}`]);

  const dumpedAtMs = Date.now();
  if (options.runtime === 'jvm') await dumpByHand(type, options);
  else say('  3. the heap dump of the recipe is jmap: not for this runtime');
  const restoredAtMs = Date.now();
  say('  4. the selector comes back:');
  await type(['apply', '-f', manifestPath('service.yaml')]);
  await type(['get', 'endpoints', serviceName]);
  await probe.stop();

  const removed = probe.requests.filter(within(removedAtMs, restoredAtMs));
  const waits = probe.requests
    .filter(within(dumpedAtMs - stallMs, restoredAtMs))
    .map(({ durationMs = 0 }) => durationMs);
  const result: ByHandResult = {
    pod: pod.name,
    requests: removed.length,
    toRemovedPod: removed.filter((request) => request.pod === pod.name).length,
    failed: removed.filter(({ error }) => error !== undefined).length,
    stalledByDump: waits.filter((ms) => ms > stallMs).length,
    longestWaitMs: Math.round(Math.max(0, ...waits)),
  };
  for (const line of describeByHand(result)) say(line);
  return result;
}

function within(fromMs: number, toMs: number): (request: ProbeRequest) => boolean {
  return ({ startedAtMs }) => startedAtMs >= fromMs && startedAtMs < toMs;
}

export function describeByHand(result: ByHandResult): readonly string[] {
  const { requests, toRemovedPod, failed, stalledByDump, longestWaitMs } = result;
  const share = requests > 0 ? Math.round((toRemovedPod / requests) * 100) : 0;
  return [
    `By hand: ${toRemovedPod} of ${plural(requests, 'request')} (${share}%) went to the "removed" Pod, ${failed} failed.`,
    ...(stalledByDump > 0
      ? [
          `         ${plural(stalledByDump, 'request')} waited for its dump, the longest ${formatElapsed(longestWaitMs)}.`,
        ]
      : []),
  ];
}

type Type = (
  args: readonly string[],
  options?: { readonly editor?: string; readonly show?: RegExp },
) => Promise<boolean>;

/** Types one kubectl command, shows it with its output, and says whether it succeeded. */
function typist({ kubectl, signal, say }: ByHandOptions): Type {
  return async (args, { editor, show = /./ } = {}) => {
    const words = inNamespace(args);
    say(`  $ kubectl ${words.join(' ')}`);
    const { output, exitCode } = await kubectl(words, {
      signal,
      ...(editor !== undefined && { editor }),
    });
    for (const line of output.trimEnd().split('\n')) if (show.test(line)) say(`    ${line}`);
    return exitCode === 0;
  };
}

/** `-n` where the note writes it: after the resource, or after the verb when a flag follows. */
function inNamespace(args: readonly string[]): readonly string[] {
  if (args[0] === 'cp') return args;
  return args.toSpliced(args[1]?.startsWith('-') ? 1 : 2, 0, '-n', namespace);
}

async function dumpByHand(type: Type, { pod, say }: ByHandOptions): Promise<void> {
  say('  3. the dump, of a Pod that is still serving:');
  const remote = '/tmp/my-api.hprof';
  const dumped = await type(['exec', pod.name, '--', 'jmap', `-dump:format=b,file=${remote}`, '1']);
  if (!dumped) return;
  await using home = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-by-hand-'));
  home.defer(() => rm(directory, { recursive: true }));
  await type(['cp', `${namespace}/${pod.name}:${remote}`, join(directory, 'by-hand.hprof')]);
  await type(['exec', pod.name, '--', 'rm', remote]);
}
