import type { Service } from 'kubernetes-types/core/v1.js';
import type { Event } from 'kubernetes-types/events/v1.js';
import { describe, expect, it } from 'vitest';
import { connect, EventPublisher, runSession } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { FaultProxy, type Fault } from '../support/fault-proxy.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { until } from '../support/until.ts';

const world = useCluster();

/** A session whose Events go through a proxy that answers their writes with `fault`. */
async function session(
  namespace: string,
  { fault, route = 'label' }: { readonly fault?: Fault; readonly route?: 'label' | 'selector' },
) {
  const app = await deploySmallApp(world.kube, { namespace, route: 'label', replicas: 3 });
  await using proxy = await FaultProxy.start(world.kubeconfigPath, ({ method, path }) =>
    method === 'POST' && path.endsWith('/events') ? fault : undefined,
  );
  await using kube = await connect({ kubeconfig: world.kubeconfigPath, server: proxy.url });
  const problems: string[] = [];
  const published = new EventPublisher(kube, (problem) => problems.push(problem));
  const done = await runSession(
    kube,
    {
      target: app.pods[0] ?? '',
      namespace: app.namespace,
      route,
      command: ['sleep', '3'],
      settleMs: 50,
      output: '-',
    },
    { onEvent: published.onEvent },
  );
  await published[Symbol.asyncDispose]();
  return { ...app, done, problems, faults: proxy.faults };
}

const reasons = async (namespace: string, kind: string, name: string) =>
  (await world.kube.list<Event>('events', { namespace }))
    .filter(({ regarding }) => regarding?.kind === kind && regarding.name === name)
    .map(({ reason }) => reason);

describe.concurrent('Kubernetes Events', () => {
  it('that are forbidden cost one warning', async () => {
    const { done, problems, faults } = await session('forbidden', {
      fault: { kind: 'answer', status: 403 },
    });
    expect(done.status).toMatchObject({ phase: 'Succeeded', podOut: false, warnings: [] });
    expect(problems).toEqual([expect.stringContaining('no Kubernetes Events are written')]);
    expect(faults).toBe(1);
  });

  it('that nobody answers delay nothing', async () => {
    const { done, problems, faults } = await session('hanging', { fault: { kind: 'no-answer' } });
    expect(done.status).toMatchObject({ phase: 'Succeeded', podOut: false, warnings: [] });
    expect(problems).toEqual([]);
    expect(faults).toBeGreaterThan(0);
  });

  it('that fail now and then leave gaps', async () => {
    const { done, problems } = await session('gaps', {
      fault: { kind: 'answer', status: 500 },
    });
    expect(done.status).toMatchObject({ phase: 'Succeeded', podOut: false, warnings: [] });
    expect(problems).toEqual([]);
  });

  it('of route selector are on the Service too, with its uid', async () => {
    const { namespace, pods, done } = await session('by-selector', { route: 'selector' });
    expect(done.status).toMatchObject({ phase: 'Succeeded', route: { name: 'selector' } });
    const expected = expect.arrayContaining([
      'PitstopStarted',
      'PitstopPodOut',
      'PitstopIsolated',
      'PitstopRestored',
      'PitstopFinished',
    ]);
    await until('both have their Events', async () => {
      expect(await reasons(namespace, 'Service', 'web')).toEqual(expected);
      expect(await reasons(namespace, 'Pod', pods[0] ?? '')).toEqual(expected);
      return true;
    });
    const service = await world.kube.get<Service>({ resource: 'services', namespace, name: 'web' });
    const [event] = (await world.kube.list<Event>('events', { namespace })).filter(
      ({ regarding }) => regarding?.kind === 'Service',
    );
    expect(event?.regarding?.uid).toBe(service?.metadata?.uid);
    expect(event?.note).toMatch(/^pod web-\S+: .+ \(session [0-9a-f]{8}\)$/);
  });
});
