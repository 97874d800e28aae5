import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TrafficProbe } from '../../src/cli/demo/traffic-probe.ts';
import {
  isolatePod,
  readStatus,
  restorePods,
  runSession,
  type Session,
  type SessionEvent,
} from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { deployMyApi, readyPods } from '../support/my-api.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-artifacts-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

function sortedNames(pods: readonly Pod[]): readonly string[] {
  return pods.map(({ metadata }) => metadata?.name ?? '').toSorted((a, b) => a.localeCompare(b));
}

function steps(session: Session): Record<string, string> {
  return Object.fromEntries(session.status.steps.map(({ name, state }) => [name, state]));
}

describe('runSession', () => {
  it('takes a Pod out by `release`, runs a command, brings its file home, and leaves all as it was', async ({
    skip,
  }) => {
    if (!world.embedded) skip('only the embedded cluster has the image of the example');
    const { kube } = world;
    const { namespace, nodePort, pods } = await deployMyApi(kube, {
      namespace: 'run-release',
      runtime: 'node',
    });
    const before = await readWorld(kube, namespace);
    const pod = pods[0]?.metadata?.name ?? '';
    await using probe = new TrafficProbe({
      host: '127.0.0.1',
      port: nodePort,
      requestsPerSecond: 100,
    });
    const output = await temporaryDirectory();
    const events: SessionEvent[] = [];

    const session = await runSession(
      kube,
      {
        target: pod,
        namespace,
        command: ['sh', '-c', 'head -c 3000000 /dev/urandom > /tmp/big.bin; sleep 1'],
        collect: ['/tmp/big.bin'],
        output: `${output}/`,
      },
      { onEvent: (event) => events.push(event) },
    );

    expect(session.status.error).toBeUndefined();
    expect(session.status).toMatchObject({
      phase: 'Succeeded',
      podOut: false,
      route: { name: 'release' },
      isolation: { services: ['my-svc'], connections: { atProof: 0, newSince: 0 } },
      artifact: { sizeBytes: 3_000_000, verified: true },
      restoration: { trafficSeen: true },
    });
    expect(steps(session)).toEqual({
      isolate: 'done',
      drain: 'done',
      diagnose: 'done',
      collect: 'done',
      restore: 'done',
    });
    const { path = '', sha256 } = session.status.artifact ?? {};
    expect(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ).toBe(sha256);
    expect((await stat(path)).mode & 0o777).toBe(0o600);

    const restoring = events.find(
      (event) => event.type === 'step-started' && event.step === 'restore',
    );
    const provenAt = Date.parse(session.status.isolation?.provenAt ?? '');
    const during = probe.requests.filter(
      ({ startedAtMs }) => startedAtMs >= provenAt && startedAtMs < Date.parse(restoring?.at ?? ''),
    );
    expect(during.length).toBeGreaterThan(50);
    expect(during.filter((request) => request.pod === pod)).toEqual([]);
    // What this machine was too busy to send tells nothing of the Service.
    const failed = probe.requests.filter(({ error }) => error && !error.startsWith('not sent'));
    expect(failed).toEqual([]);

    await readyPods(kube, namespace, 2);
    await until('the world to read as before', async () => {
      expect(await readWorld(kube, namespace)).toEqual(before);
      return true;
    });
  });

  it('takes a Pod out by `label` without its owner noticing', async () => {
    const { kube } = world;
    const { namespace, pods: names } = await deploySmallApp(kube, {
      namespace: 'run-label',
      route: 'label',
    });
    const before = await readWorld(kube, namespace);

    const session = await runSession(world.user, {
      target: 'deploy/web',
      namespace,
      command: ['sh', '-c', 'echo from $HOSTNAME'],
      output: `${await temporaryDirectory()}/`,
    });

    expect(session.status.error).toBeUndefined();
    expect(session.status).toMatchObject({ phase: 'Succeeded', route: { name: 'label' } });
    const after = await kube.list<Pod>('pods', { namespace });
    expect(sortedNames(after)).toEqual(names);
    await until('the world to read as before', async () => {
      expect(await readWorld(kube, namespace)).toEqual(before);
      return true;
    });
  });

  it('puts the Pod back when the diagnostic fails, and says so', async () => {
    const { kube } = world;
    const { namespace } = await deploySmallApp(kube, { namespace: 'run-fails' });
    const session = await runSession(world.user, {
      target: 'svc/web',
      namespace,
      command: ['sh', '-c', 'echo no good >&2; exit 7'],
      output: `${await temporaryDirectory()}/`,
    });
    expect(session.status).toMatchObject({
      phase: 'Failed',
      podOut: false,
      error: { code: 'diagnostic-failed' },
    });
    expect(steps(session)).toMatchObject({ diagnose: 'failed', restore: 'done' });
  });

  it('restores on the first interruption', async () => {
    const { kube } = world;
    const { namespace } = await deploySmallApp(kube, { namespace: 'run-interrupted' });
    const interrupt = new AbortController();
    const session = await runSession(
      world.user,
      {
        target: 'svc/web',
        namespace,
        command: ['sleep', '60'],
        output: `${await temporaryDirectory()}/`,
      },
      {
        signal: interrupt.signal,
        onEvent: (event) => {
          if (event.type === 'step-started' && event.step === 'diagnose') interrupt.abort();
        },
      },
    );
    expect(session.status).toMatchObject({ phase: 'Interrupted', podOut: false });
    expect(steps(session)).toMatchObject({ restore: 'done' });
  });

  it('says where the artifact is when it could not come home', async () => {
    const { kube } = world;
    const { namespace } = await deploySmallApp(kube, { namespace: 'run-unfetched' });
    const interrupt = new AbortController();
    const session = await runSession(
      world.user,
      {
        target: 'svc/web',
        namespace,
        command: ['sh', '-c', 'head -c 100000000 /dev/zero > /tmp/zeros'],
        collect: ['/tmp/zeros'],
        output: `${await temporaryDirectory()}/`,
      },
      {
        signal: interrupt.signal,
        onEvent: (event) => {
          if (event.type === 'step-started' && event.step === 'collect') interrupt.abort();
        },
      },
    );
    expect(session.status).toMatchObject({ phase: 'Interrupted', podOut: false });
    expect(session.status.warnings).toEqual([
      `/tmp/zeros is still in the container: kubectl pitstop collect ${session.spec.pod} /tmp/zeros -n ${namespace} brings it home`,
    ]);
  });
});

describe('isolatePod and restorePods', () => {
  it('leave the Pod out with its undo record, and bring it back from the record alone', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploySmallApp(kube, { namespace: 'isolate' });
    const [pod = ''] = pods;
    const before = await readWorld(kube, namespace);

    const isolated = await isolatePod(world.user, { target: `pod/${pod}`, namespace });
    expect(isolated.status).toMatchObject({ phase: 'Isolated', podOut: true });
    const status = await readStatus(world.user, { namespace });
    expect(status.sessions).toMatchObject([
      { pod, route: 'release', services: ['web'], overdue: false },
    ]);
    expect(status.services[0]?.endpoints.map((endpoint) => endpoint.pod)).not.toContain(pod);

    await expect(isolatePod(world.user, { target: pod, namespace })).rejects.toMatchObject({
      code: 'interlock',
      message: expect.stringContaining('session-exists'),
    });

    const [restored] = await restorePods(world.user, { namespace, all: true });
    expect(restored?.status).toMatchObject({ phase: 'Succeeded', podOut: false });
    await readyPods(kube, namespace, 2);
    await until('the world to read as before', async () => {
      expect(await readWorld(kube, namespace)).toEqual(before);
      return true;
    });
    await expect(restorePods(world.user, { namespace, pod })).rejects.toMatchObject({
      code: 'no-session',
    });
  });

  it('refuse the only ready Pod of a Service, naming it, and change nothing', async () => {
    const { kube } = world;
    const { namespace } = await deploySmallApp(kube, { namespace: 'last', replicas: 1 });
    const before = await readWorld(kube, namespace);
    await expect(isolatePod(world.user, { target: 'svc/web', namespace })).rejects.toMatchObject({
      code: 'interlock',
      message: expect.stringMatching(/last-endpoint: service\/web/),
      hint: expect.stringContaining('--override=last-endpoint'),
    });
    expect(await readWorld(kube, namespace)).toEqual(before);
  });
});
