import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { TrafficProbe } from '../../src/cli/demo/traffic-probe.ts';
import { runSession } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { startHeldSession } from '../support/held-session.ts';
import { listsExactly } from '../support/listed.ts';
import { readyPods } from '../support/my-api.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { deployTrafficApp } from '../support/traffic-app.ts';
import { until } from '../support/until.ts';

const namespace = 'selector';

describe.each([
  ['of Kubernetes 1.27', { kubernetesVersion: '1.27' }],
  ['of Kubernetes 1.33', { kubernetesVersion: '1.33' }],
  ['with proxies that follow the Endpoints', { proxyFollows: 'endpoints' as const }],
])('route selector on a cluster %s', (_, options) => {
  const world = useCluster(options);

  it('loses no request while a sibling ends and its replacement comes', async () => {
    const { kube } = world;
    const app = await deployTrafficApp(kube, { namespace, owner: 'Deployment', route: 'selector' });
    const scale = { spec: { replicas: 3 } };
    await kube.patch({ resource: 'deployments', namespace, name: 'web' }, scale, { type: 'merge' });
    const pods = await readyPods(kube, namespace, 3);
    const [out = '', victim = ''] = pods.map(({ metadata }) => metadata?.name ?? '');
    await using probe = new TrafficProbe({
      host: '127.0.0.1',
      port: app.nodePort,
      requestsPerSecond: 50,
      keepAliveMaxAgeMs: 1_000,
    });
    const working = Promise.withResolvers<number>();
    const session = runSession(
      kube,
      {
        target: out,
        namespace,
        route: 'selector',
        output: '-',
        drainTimeoutMs: 60_000,
        command: ['sleep', '12'],
      },
      {
        onEvent: (event) => {
          if (event.type === 'step-started' && event.step === 'diagnose') {
            working.resolve(Date.now());
          }
        },
      },
    );
    const workingAtMs = await Promise.race([working.promise, session.then(() => Number.NaN)]);
    await kube.delete({ resource: 'pods', namespace, name: victim });
    const born = await until('the replacement', async () => {
      const all = await kube.list<Pod>('pods', { namespace });
      return all.find(({ metadata }) => !pods.some((pod) => pod.metadata?.uid === metadata?.uid))
        ?.metadata?.name;
    });
    await until('the replacement to answer', async () =>
      probe.requests.some(({ pod }) => pod === born),
    );
    const backAtMs = Date.now();

    const { status } = await session;
    await sleep(500);
    await probe.stop();
    expect(status.error).toBeUndefined();
    expect(status.isolation?.connections?.newSince).toBe(0);
    const meanwhile = probe.requests.filter(
      ({ startedAtMs }) => startedAtMs > workingAtMs && startedAtMs < backAtMs,
    );
    expect(meanwhile.filter(({ pod }) => pod === out)).toEqual([]);
    // What a busy machine did not let the probe send in time has not failed: nobody was asked.
    const failed = probe.requests.filter(({ error }) => error && !error.startsWith('not sent'));
    expect(failed).toEqual([]);
  });
});

describe('route selector', () => {
  const world = useCluster();

  it('lets two running sessions stand in for one Service, and go home together', async () => {
    const { kube } = world;
    const { namespace, pods } = await deploySmallApp(kube, { namespace: 'sel-both', replicas: 4 });
    const [one = '', two = '', three = '', victim = ''] = pods;
    const sessions = [
      await startHeldSession(kube, { namespace, route: 'selector', pod: one }),
      await startHeldSession(kube, { namespace, route: 'selector', pod: two }),
    ];
    await listsExactly(kube, namespace, [three, victim]);
    await kube.delete({ resource: 'pods', namespace, name: victim });
    const born = await until('the replacement', async () => {
      const all = await kube.list<Pod>('pods', { namespace });
      return all.find(({ metadata }) => !pods.includes(metadata?.name ?? ''))?.metadata?.name;
    });
    await listsExactly(kube, namespace, [three, born]);

    await Promise.all(sessions.map((session) => session.goOn()));
    const done = await Promise.all(sessions.map((session) => session.done));

    expect(done.map(({ status }) => status.error)).toEqual([undefined, undefined]);
    expect(done.flatMap(({ status }) => status.warnings)).toEqual([]);
    await listsExactly(kube, namespace, [one, two, three, born]);
    const service = await kube.get<Service>({ resource: 'services', namespace, name: 'web' });
    expect(service?.spec?.selector).toEqual({ app: 'web' });
    expect(service?.metadata?.annotations ?? {}).not.toHaveProperty(['pitstop.dev/session']);
  });
});
