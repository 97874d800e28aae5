import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isolatePod, restorePods, type PitstopError } from '../../src/engine/index.ts';
import { DriftWatch } from '../../src/engine/session/drift.ts';
import { readRecord } from '../../src/engine/session/record.ts';
import { SessionLease } from '../../src/engine/session/session-lease.ts';
import { connect, type Kube } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { FaultProxy, type ChooseFault } from '../support/fault-proxy.ts';
import { startPitstop } from '../support/pitstop.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { until } from '../support/until.ts';
import { awaitWorld } from '../support/world-difference.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
afterEach(() => {
  vi.useRealTimers();
});

/** A Pod that is out, with its record as `isolate` has written it. */
async function isolated(wanted: string) {
  const { kube } = world;
  const app = await deploySmallApp(kube, { namespace: wanted, route: 'label' });
  const { namespace, pods } = app;
  const before = await readWorld(kube, namespace);
  const [name = ''] = pods;
  await isolatePod(kube, { target: name, namespace, settleMs: 50 });
  const read = async () => {
    const pod = await kube.get<Pod>({ resource: 'pods', namespace, name });
    const record = pod && readRecord(pod);
    return { pod, record };
  };
  const { pod, record } = await read();
  if (!pod || !record) throw new Error(`${name} bears no record`);
  return { name, namespace, pod, record, before, read };
}

async function through<T>(choose: ChooseFault, work: (kube: Kube) => Promise<T>): Promise<T> {
  const { userKubeconfigPath: kubeconfigPath } = world;
  await using proxy = await FaultProxy.start(kubeconfigPath, choose);
  await using kube = await connect({ kubeconfig: kubeconfigPath, server: proxy.url });
  return await work(kube);
}

/** A lease that renews every 50 ms and keeps what it tells. */
function lease(kube: Kube, held: Awaited<ReturnType<typeof isolated>>) {
  const lost: PitstopError[] = [];
  const slept: string[] = [];
  const { name, namespace, record } = held;
  const renewing = new SessionLease(kube, { name, namespace }, record, {
    renewEveryMs: 50,
    onLost: (error) => lost.push(error),
    onAsleep: (message) => slept.push(message),
  });
  return { renewing, lost, slept };
}

describe('SessionLease', () => {
  it('goes on renewing after a renewal whose answer was lost', async () => {
    const held = await isolated('lost-answer');
    let patches = 0;
    const choose: ChooseFault = ({ method }) => {
      if (method !== 'PATCH') return undefined;
      patches += 1;
      return patches === 2 ? { kind: 'lost-answer' } : undefined;
    };
    await through(choose, async (kube) => {
      const { renewing, lost } = lease(kube, held);
      await using _ = renewing;
      await until('renewals after the one that was lost', async () => patches >= 5);
      const { record } = await held.read();
      await until('a later renewal', async () => {
        const now = (await held.read()).record?.renewedAt ?? '';
        return now > (record?.renewedAt ?? '');
      });
      expect(lost).toEqual([]);
    });
  });

  it('says when the machine slept, and goes on while the record is its own', async () => {
    const held = await isolated('asleep');
    const { renewing, lost, slept } = lease(world.kube, held);
    await using _ = renewing;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * 3_600_000 });
    await until('it is told', async () => slept.length > 0);
    expect(slept[0]).toMatch(/^this machine was asleep .* for 180 min, longer than/);
    expect(lost).toEqual([]);
  });

  it('does not bring back what others have restored, and tells', async () => {
    const held = await isolated('restored');
    const { renewing, lost } = lease(world.kube, held);
    await using _ = renewing;
    await restorePods(world.kube, { namespace: held.namespace, pod: held.name });
    await until('it is told', async () => lost.length > 0);
    expect(lost).toMatchObject([{ code: 'drift', message: expect.stringMatching(/put it back$/) }]);
    expect((await held.read()).record).toBeUndefined();
    await until('the world to read as before', async () => {
      expect(await readWorld(world.kube, held.namespace)).toEqual(held.before);
      return true;
    });
  });
});

describe('DriftWatch', () => {
  it('tells when it may not look any more', async () => {
    const held = await isolated('blind');
    const blind: unknown[] = [];
    let allowed = true;
    const choose: ChooseFault = ({ isWatch, path }) => {
      if (!isWatch || !path.endsWith('/pods')) return undefined;
      if (!allowed) return { kind: 'answer', status: 403 };
      allowed = false;
      return { kind: 'cut', afterMs: 100 };
    };
    await through(choose, async (kube) => {
      const watch = new DriftWatch(kube, held.pod, {
        container: 'web',
        record: held.record,
        onDrift: (error) => {
          throw error;
        },
        onBlind: (error) => blind.push(error),
        checkSlices: () => undefined,
      });
      await using _ = watch;
      await until('it is told', async () => blind.length > 0);
    });
    expect(blind).toMatchObject([{ code: 'forbidden' }]);
  });
});

describe('a session whose process was stopped for a while', () => {
  it('notices that others brought the Pod home, and claims nothing else', async () => {
    const { kube, kubeconfigPath } = world;
    const app = await deploySmallApp(kube, { namespace: 'stopped', route: 'label' });
    const { namespace, pods } = app;
    const before = await readWorld(kube, namespace);
    const [pod = ''] = pods;
    const output = await mkdtemp(join(tmpdir(), 'pitstop-vigil-'));
    onTestFinished(() => rm(output, { recursive: true }));
    const begun = Promise.withResolvers<void>();
    const command = ['--', 'sh', '-c', 'sleep 2; echo evidence'];
    const args = ['run', pod, '-n', namespace, '--settle=50ms', '-O', `${output}/`];
    const { child, done } = startPitstop([...args, '--progress=plain', '-o', 'json', ...command], {
      kubeconfig: kubeconfigPath,
      onStderr: (chunk) => {
        if (chunk.includes('sleep') || /diagnose/.test(chunk)) begun.resolve();
      },
    });
    await begun.promise;
    child.kill('SIGSTOP');
    const [restored] = await restorePods(kube, { namespace, pod });
    expect(restored?.status).toMatchObject({ phase: 'Succeeded', podOut: false });
    child.kill('SIGCONT');
    const { code, stdout } = await done;
    expect(code).toBe(0);
    const { status } = JSON.parse(stdout) as { status: Record<string, unknown> };
    expect(status).toMatchObject({
      phase: 'Succeeded',
      podOut: false,
      artifact: { verified: true },
      warnings: expect.arrayContaining([
        expect.stringContaining('somebody else put it back'),
        expect.stringContaining('taken away by somebody else, who put it back'),
      ]),
    });
    await awaitWorld(kube, namespace, before);
  });
});
