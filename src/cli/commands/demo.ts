import { setTimeout as sleep } from 'node:timers/promises';
import { runSession } from '../../engine/index.ts';
import type { Level } from '../../cluster/index.ts';
import { connect, type Kube } from '../../kube/index.ts';
import { restoreCommand } from '../connection.ts';
import { liveThroughByHand, type ByHandResult } from '../demo/by-hand.ts';
import { startDemoCluster, type DemoCluster } from '../demo/demo-cluster.ts';
import { findBrokenPromises, renderDemo, type DemoSession } from '../demo/demo-report.ts';
import { openKubectl, requireKubectl } from '../demo/kubectl.ts';
import { removeParts } from '../demo/remove-parts.ts';
import { chooseRuntime, type Runtime, type RuntimeName } from '../demo/runtime.ts';
import {
  awaitReadyPods,
  createNamespace,
  deploy,
  expose,
  manifestPath,
  namespace,
  readNodePort,
  serviceName,
} from '../demo/sample-app.ts';
import { awaitAnswers } from '../demo/await-answers.ts';
import { reduceMoments } from '../demo/stop-moments.ts';
import { renderTraffic } from '../demo/traffic-line.ts';
import { TrafficProbe, type ProbeOptions } from '../demo/traffic-probe.ts';
import {
  countTraffic,
  listFailures,
  summarizeLatency,
  type StopMoments,
} from '../demo/traffic-report.ts';
import { asCalled } from '../as-called.ts';
import { formatElapsed } from '../duration.ts';
import { exitCodeOf, exitCodes, type ExitCode } from '../exit-code.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { printProblem } from '../render/error.ts';
import { openProgress, type Progress } from '../render/progress.ts';
import { explainLevel, exportLine } from './cluster.ts';
import { trackRecovery } from './conduct.ts';

export interface DemoFlags extends CommonFlags {
  readonly runtime?: RuntimeName;
  readonly level?: Level;
  readonly rate: number;
  readonly artifactOutput?: string;
  readonly byHand?: boolean;
  readonly keep?: boolean;
}

const host = '127.0.0.1';
const keepAliveMaxAgeMs = 2_000;
/** Traffic to look at before anything happens, and after all is over. */
const beforeMs = 2_000;
const afterMs = 1_500;
const afterLimitMs = 10_000;

/** Embedded cluster, sample app, traffic, one real dump, start to finish. */
export async function demo(io: Io, flags: DemoFlags): Promise<ExitCode> {
  const runtime = await chooseRuntime(flags.runtime, io.env);
  if (flags.byHand) await requireKubectl(io.env);
  const display: Display = { footer: nothing };
  const { session, cluster } = await perform(io, flags, runtime, display);
  await print(io, flags, session, cluster);
  const broken = session.status.phase === 'Succeeded' ? findBrokenPromises(session) : [];
  for (const promise of broken) printProblem(io, { message: promise });
  return broken.length > 0 ? exitCodes.failed : exitCodeOf(session);
}

interface Display {
  footer: () => readonly string[];
}

const nothing = (): readonly string[] => [];

type ClusterFacts = Pick<DemoCluster, 'name' | 'kubeconfigPath'>;

async function perform(
  io: Io,
  flags: DemoFlags,
  runtime: Runtime,
  display: Display,
): Promise<{ readonly session: DemoSession; readonly cluster: ClusterFacts }> {
  await using progress = await openProgress(io, {
    mode: flags.progress,
    footer: () => display.footer(),
  });
  progress.say(`Runtime: ${runtime.name === 'jvm' ? 'JVM' : 'Node.js'} (${runtime.reason})`);
  const timer = startTimer(progress);
  await using cluster = await startDemoCluster({
    keep: flags.keep === true,
    level: flags.level,
    signal: io.signal,
  });
  timer(`cluster ${cluster.name} is Ready (level ${cluster.level})`);
  if (cluster.levelReason !== undefined) progress.say(explainLevel(cluster.levelReason));
  await using kube = await connect({ kubeconfig: cluster.kubeconfigPath });

  const startedMs = Date.now();
  display.footer = () => [
    `  the app starts, two Pods of it: ${formatElapsed(Date.now() - startedMs)}`,
  ];
  const { pods, port } = await setUp({ io, flags, runtime, kube, cluster });
  display.footer = nothing;
  const [pod] = pods;
  if (!pod) throw new Error('the sample app has no Pod');
  timer(
    `my-api-deploy has ${pods.length} Pods Ready behind ${serviceName}: ${pods.map(({ name }) => name).join(', ')}`,
  );
  progress.say(
    `Traffic: ${flags.rate} requests/s through ${serviceName} at ${host}:${port}, half on new connections, half on keep-alive ones that are renewed every ${keepAliveMaxAgeMs / 1000} s, as pools and proxies do`,
  );

  const probeOptions: ProbeOptions = {
    host,
    port,
    requestsPerSecond: flags.rate,
    keepAliveMaxAgeMs,
  };
  let byHand: ByHandResult | undefined;
  if (flags.byHand) {
    byHand = await liveThroughByHand({
      kubectl: await openKubectl(io.env, cluster.kubeconfigPath),
      pod,
      runtime: runtime.name,
      probe: probeOptions,
      signal: io.signal,
      say: progress.say,
    });
    await awaitReadyPods(kube, io.signal);
    progress.say('And now with pitstop:');
  }
  const session = await stopUnderTraffic({
    io,
    flags,
    runtime,
    kube,
    cluster,
    progress,
    display,
    pod: pod.name,
    probeOptions,
    byHand,
  });
  if (flags.keep && !io.signal.aborted) {
    cluster.leaveRunning();
    return { session, cluster };
  }
  if (session.status.phase === 'Succeeded') return { session, cluster };
  await removeParts(session, flags.artifactOutput);
  // What could still be done in the container is over with the cluster.
  return { session: { ...session, status: { ...session.status, warnings: [] } }, cluster };
}

interface Setting {
  readonly io: Io;
  readonly flags: DemoFlags;
  readonly runtime: Runtime;
  readonly kube: Kube;
  readonly cluster: DemoCluster;
}

/** Applies the manifests and waits until both Pods answer through the Service. */
async function setUp({ io, flags, runtime, kube, cluster }: Setting): Promise<{
  readonly pods: Awaited<ReturnType<typeof awaitReadyPods>>;
  readonly port: number;
}> {
  await createNamespace(kube, io.signal);
  await deploy(kube, runtime.image, io.signal);
  if (flags.byHand) {
    // kubectl apply can take the selector away only from what kubectl apply has made.
    const kubectl = await openKubectl(io.env, cluster.kubeconfigPath);
    const args = ['apply', '-n', namespace, '-f', manifestPath('service.yaml')];
    const { exitCode, output } = await kubectl(args, { signal: io.signal });
    if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${output.trim()}`);
  } else {
    await expose(kube, io.signal);
  }
  const pods = await awaitReadyPods(kube, io.signal);
  const port = await readNodePort(kube, io.signal);
  await awaitAnswers({ host, port, pods: pods.map(({ name }) => name), signal: io.signal });
  return { pods, port };
}

interface Performance extends Setting {
  readonly progress: Progress;
  readonly display: Display;
  readonly pod: string;
  readonly probeOptions: ProbeOptions;
  readonly byHand: ByHandResult | undefined;
}

/** The stop, with the probe running from before until after it. */
async function stopUnderTraffic(performance: Performance): Promise<DemoSession> {
  const { io, flags, runtime, kube, cluster, progress, display, pod, byHand } = performance;
  const probe = new TrafficProbe(performance.probeOptions);
  await using _probe = probe;
  display.footer = () =>
    renderTraffic(probe.requests, { nowMs: Date.now(), bucketMs: 500, buckets: 25, pod });
  await sleep(beforeMs, undefined, { signal: io.signal });

  let moments: StopMoments = {};
  const recovery = flags.keep
    ? trackRecovery(io, { ...flags, kubeconfig: cluster.kubeconfigPath })
    : undefined;
  const session = await runSession(
    kube,
    { target: pod, namespace, diagnostic: runtime.diagnostic, output: flags.artifactOutput },
    {
      signal: io.signal,
      onEvent: (event) => {
        moments = reduceMoments(moments, event);
        recovery?.(event);
        progress.onEvent(event);
      },
    },
  );
  const count = () => countTraffic(probe.requests, pod, moments);
  if (session.status.phase === 'Succeeded')
    await watchAfter(io.signal, () => count().toPodAfter > 0);
  await probe.stop();
  display.footer = nothing;
  return {
    ...session,
    status: {
      ...session.status,
      demo: {
        cluster: cluster.name,
        runtime: runtime.name,
        runtimeReason: runtime.reason,
        traffic: count(),
        failures: listFailures(probe.requests),
        latency: summarizeLatency(probe.requests),
        ...(byHand && { byHand }),
      },
    },
  };
}

/** Lets the traffic run on for a while; longer only as long as the Pod has not been seen again. */
async function watchAfter(signal: AbortSignal, seen: () => boolean): Promise<void> {
  const startedMs = Date.now();
  try {
    await sleep(afterMs, undefined, { signal });
    while (!seen() && Date.now() - startedMs < afterLimitMs)
      await sleep(100, undefined, { signal });
  } catch (error) {
    // The stop itself is done: an interruption now only ends the watching.
    if (!signal.aborted) throw error;
  }
}

/** Says what has been done and how long it took since the last time. */
function startTimer({ say }: Progress): (what: string) => void {
  let lastMs = Date.now();
  return (what) => {
    const nowMs = Date.now();
    say(`${what} (${formatElapsed(nowMs - lastMs)})`);
    lastMs = nowMs;
  };
}

async function print(
  io: Io,
  flags: DemoFlags,
  session: DemoSession,
  { name, kubeconfigPath }: ClusterFacts,
): Promise<void> {
  const kept = flags.keep === true && !io.signal.aborted;
  const restore = restoreCommand(
    { ...flags, kubeconfig: kubeconfigPath },
    { namespace, pod: session.spec.pod },
  );
  switch (flags.output) {
    case 'json':
    case 'yaml':
      await printDocument(io, flags.output, session);
      break;
    case 'name':
      io.stdout.write(`pod/${session.spec.pod}\n`);
      break;
    case 'wide':
    case undefined:
      io.stdout.write(
        asCalled(
          renderDemo(session, { stream: io.stdout, restoreCommand: kept ? restore : undefined }),
          io.env,
        ),
      );
  }
  const { error } = session.status;
  if (error) printProblem(io, { message: error.message, hint: kept ? error.hint : undefined });
  if (kept) {
    const use =
      `\nThe cluster runs on:\n  ${exportLine(kubeconfigPath)}  kubectl get pod -n ${namespace}\n` +
      `Stop it with: kubectl pitstop cluster stop --name=${name}\n`;
    io.stderr.write(asCalled(use, io.env));
  }
}
