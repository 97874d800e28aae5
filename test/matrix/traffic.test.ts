import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TrafficProbe } from '../../src/cli/demo/traffic-probe.ts';
import { runSession, type SessionEvent, type SessionRequest } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import {
  deployTrafficApp,
  readArrivals,
  type TrafficApp,
  type TrafficOwner,
} from '../support/traffic-app.ts';
import { until } from '../support/until.ts';

const world = useCluster();
const owners = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Pod'] as const;
const routes = ['label', 'gate', 'release', 'selector'] as const;

/** A Pod without an owner has nobody to be released by. */
const cases = owners.flatMap((owner) =>
  routes
    .filter((route) => owner !== 'Pod' || route !== 'release')
    .map((route) => ({ owner, route })),
);

function startProbe({ nodePort }: TrafficApp, keepAliveMaxAgeMs = 2_000): TrafficProbe {
  return new TrafficProbe({
    host: '127.0.0.1',
    port: nodePort,
    requestsPerSecond: 200,
    keepAliveMaxAgeMs,
  });
}

/** What a busy machine did not let the probe send in time has not failed: nobody was asked. */
function failedOf({ requests }: TrafficProbe) {
  return requests.filter(({ error }) => error !== undefined && !error.startsWith('not sent'));
}

/** One stop under traffic, with the moments between which nothing may reach the Pod. */
async function stopUnderTraffic(app: TrafficApp, request: Partial<SessionRequest>) {
  const { kube } = world;
  const pod = app.pods[0] ?? '';
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-traffic-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const events: SessionEvent[] = [];
  const session = await runSession(
    kube,
    {
      target: pod,
      namespace: app.namespace,
      command: ['sleep', '1'],
      output: `${directory}/`,
      // On a busy machine the answers, and with them the closing of connections, take long.
      drainTimeoutMs: 60_000,
      ...request,
    },
    { onEvent: (event) => events.push(event) },
  );
  const restoring = events.find(
    (event) => event.type === 'step-started' && event.step === 'restore',
  );
  return {
    pod,
    session,
    provenMs: Date.parse(session.status.isolation?.provenAt ?? ''),
    restoringMs: Date.parse(restoring?.at ?? ''),
  };
}

async function expectUntouched(
  app: TrafficApp,
  probe: TrafficProbe,
  { pod, session, provenMs, restoringMs }: Awaited<ReturnType<typeof stopUnderTraffic>>,
): Promise<void> {
  const restoredMs = Date.now();
  await until('the Pod to answer again', async () =>
    probe.requests.some((request) => request.pod === pod && request.startedAtMs > restoredMs),
  );
  await probe.stop();
  expect(session.status.error).toBeUndefined();
  expect(session.status).toMatchObject({ phase: 'Succeeded', podOut: false });
  expect(session.status.isolation?.connections).toMatchObject({ atProof: 0, newSince: 0 });
  const during = (atMs: number) => atMs >= provenMs && atMs < restoringMs;
  // A request that was sent before the restore may be answered after it: both ends must lie between.
  const between = probe.requests.filter(
    ({ startedAtMs, durationMs = 0 }) => during(startedAtMs) && during(startedAtMs + durationMs),
  );
  expect(between.length).toBeGreaterThan(50);
  expect(between.filter((request) => request.pod === pod)).toEqual([]);
  // The server's own count has no such doubt, and sees what no client waited for.
  const arrivals = await readArrivals(world.kube, { namespace: app.namespace, pod });
  expect(arrivals.filter(during).map((atMs) => atMs - provenMs)).toEqual([]);
}

describe('under 200 requests a second no request fails, and none reaches the Pod while it is out', () => {
  it.each(cases)('$owner by $route', async ({ owner, route }) => {
    const app = await deploy(owner, route);
    await using probe = startProbe(app);
    await sleep(1_000);
    const stopped = await stopUnderTraffic(app, { route, overrides: ['statefulset-ordinal'] });
    await expectUntouched(app, probe, stopped);
    expect(failedOf(probe)).toEqual([]);
  });
});

async function deploy(
  owner: TrafficOwner,
  route: (typeof routes)[number],
  name = `${owner.toLowerCase()}-${route}`,
): Promise<TrafficApp> {
  const { kube } = world;
  const app = await deployTrafficApp(kube, { namespace: name, owner, route });
  onTestFinished(() => kube.delete({ resource: 'namespaces', name }));
  return app;
}

describe('with clients that never let go', () => {
  it('strict says who they are and restores', async () => {
    const app = await deploy('Deployment', 'label', 'busy-strict');
    await using probe = startProbe(app, Number.POSITIVE_INFINITY);
    await sleep(1_000);
    const { session } = await stopUnderTraffic(app, { drainTimeoutMs: 2_000 });
    await probe.stop();
    expect(session.status).toMatchObject({
      phase: 'Failed',
      podOut: false,
      error: {
        code: 'drain-timeout',
        message: expect.stringMatching(/\d+ connections still open after 2 s: .*\d/),
      },
    });
    expect(failedOf(probe)).toEqual([]);
  });

  it('a drain hook lets them go without a failed request, and is taken back', async () => {
    const app = await deploy('Deployment', 'label', 'busy-hook');
    await using probe = startProbe(app, Number.POSITIVE_INFINITY);
    await sleep(1_000);
    const stopped = await stopUnderTraffic(app, {
      drainHooks: ['http://:8080/drain'],
      drainUndo: ['http://:8080/undrain'],
    });
    await expectUntouched(app, probe, stopped);
    expect(failedOf(probe)).toEqual([]);
    // Taken back: it keeps connections again.
    const { stdout } = await world.kube.execText({
      namespace: app.namespace,
      pod: stopped.pod,
      container: 'web',
      command: [
        process.execPath,
        '-e',
        "fetch('http://127.0.0.1:8080/').then(({ headers }) => process.stdout.write(`${headers.get('connection')}`))",
      ],
    });
    expect(stdout).toBe('keep-alive');
  });

  it('--sever=idle closes what is idle, and costs at most one request of two thousand', async () => {
    const app = await deploy('Deployment', 'label', 'busy-sever');
    await using probe = startProbe(app, Number.POSITIVE_INFINITY);
    // Counted over what a stop takes all in all, and a little more.
    await sleep(10_000);
    const stopped = await stopUnderTraffic(app, { severIdleMs: 50 });
    await sleep(10_000);
    await expectUntouched(app, probe, stopped);
    expect(stopped.session.status.isolation?.connections?.severed).toBeGreaterThan(0);
    expect(failedOf(probe).length / probe.requests.length).toBeLessThanOrEqual(0.0005);
  });
});
