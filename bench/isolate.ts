import process from 'node:process';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { defaults, isolatePod, restorePods, type SessionEvent } from '../src/engine/index.ts';
import { connect } from '../src/kube/index.ts';
import { deploySmallApp } from '../test/support/small-app.ts';
import { benchCluster } from './support/cluster.ts';
import { median, report } from './support/measure.ts';

const STOPS = Number(process.argv[2] ?? 20);
/** New connections a second, through the Service, in the rounds with traffic. */
const RATE = 50;

await using bench = await benchCluster();
await using kube = await connect({ kubeconfig: bench.cluster.kubeconfigPath });

const lines: string[] = [];
for (const route of ['label', 'release'] as const) {
  const namespace = `bench-${route}`;
  await deploySmallApp(kube, {
    namespace,
    route,
    change: ({ deployment, service }) => {
      const spec = deployment.spec?.template.spec;
      const [container] = spec?.containers ?? [];
      if (spec && container) {
        // It serves on while it ends: a replacement goes home with each stop by route release.
        spec.terminationGracePeriodSeconds = 5;
        container.command = [
          process.execPath,
          '-e',
          `require('http').createServer((request, response) => response.end('ok')).listen(8080);
          process.on('SIGTERM', () => setTimeout(() => process.exit(), 2000));`,
        ];
        container.readinessProbe = { httpGet: { port: 8080 }, periodSeconds: 1 };
      }
      if (service.spec) service.spec.type = 'NodePort';
    },
  });
  const service = await kube.get<{ spec: { ports: { nodePort: number }[] } }>({
    resource: 'services',
    namespace,
    name: 'web',
  });
  const port = service?.spec.ports[0]?.nodePort ?? 0;
  for (const traffic of [false, true]) {
    const stopTraffic = traffic ? newConnections(port) : undefined;
    const totals: number[] = [];
    for (let stop = 0; stop < STOPS; stop += 1) {
      totals.push(await isolateOnce(namespace));
      // Somebody must come for the restore to see traffic; it would look for it for three seconds.
      const stopVisits = newConnections(port);
      await restorePods(kube, { namespace, all: true });
      await stopVisits();
      await settled(namespace);
    }
    const failed = await stopTraffic?.();
    const overheads = totals.map((total) => total - defaults.settleMs);
    lines.push(
      `${route.padEnd(8)}${traffic ? `${RATE} new connections/s` : 'no traffic'}: ` +
        `PATCH to proof ${median(totals).toFixed(0)} ms, beyond --settle ${median(overheads).toFixed(0)} ms ` +
        `(best ${Math.min(...overheads).toFixed(0)}, worst ${Math.max(...overheads).toFixed(0)})` +
        (failed === undefined ? '' : `, ${failed} requests failed`),
    );
  }
}
report(
  `from the isolating PATCH to proof, ${STOPS} stops each, --settle ${defaults.settleMs} ms`,
  lines,
);

/** Milliseconds from the sending of the isolating write until the Pod is proven out and empty. */
async function isolateOnce(namespace: string): Promise<number> {
  let begunMs = 0;
  let provenMs = 0;
  const onEvent = (event: SessionEvent) => {
    if (event.type === 'step-started' && event.step === 'isolate') begunMs = performance.now();
    if (event.type === 'isolation' && event.isolation.provenAt) provenMs = performance.now();
  };
  const session = await isolatePod(kube, { target: 'deploy/web', namespace }, { onEvent });
  if (session.status.phase !== 'Isolated') throw new Error(JSON.stringify(session.status.error));
  return provenMs - begunMs;
}

/** Until two Pods are Ready and none is leaving: the next stop must not meet the last one's rest. */
async function settled(namespace: string): Promise<void> {
  for (;;) {
    const pods = await kube.list<Pod>('pods', { namespace });
    const calm = pods.every(
      ({ metadata, status }) =>
        !metadata?.deletionTimestamp &&
        status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'),
    );
    if (calm && pods.length === 2) return;
    await sleep(50);
  }
}

/** One request per connection, at `RATE`; what is returned ends it and tells how many failed. */
function newConnections(port: number): () => Promise<number> {
  const agent = new Agent({ keepAlive: false });
  let failed = 0;
  const timer = setInterval(() => {
    get({ host: '127.0.0.1', port, agent, timeout: 5_000 }, (response) => response.resume()).on(
      'error',
      () => (failed += 1),
    );
  }, 1000 / RATE);
  return async () => {
    clearInterval(timer);
    await sleep(100);
    return failed;
  };
}
