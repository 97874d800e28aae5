import type { Endpoints } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { restorePods, runSession } from '../src/engine/index.ts';
import { connect, type Kube } from '../src/kube/index.ts';
import { readyPods } from '../test/support/my-api.ts';
import { deploySmallApp } from '../test/support/small-app.ts';
import { benchCluster } from './support/cluster.ts';
import { median, report } from './support/measure.ts';

const ROUNDS = 40;
const namespace = 'bench-stand-in';

// How long after a sibling's label has changed do the slices, and the Endpoints, say so: with the
// controllers at work, and with a session of route selector in their place?
await using bench = await benchCluster();
await using kube = await connect({ kubeconfig: bench.cluster.kubeconfigPath });
const { pods } = await deploySmallApp(kube, { namespace, replicas: 2 });
const [out = ''] = pods;
await kube.create('pods', {
  metadata: { name: 'sibling', namespace, labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'host', command: ['sleep', '100000'] }] },
} as never);
await readyPods(kube, namespace, 3);

const lines = [lineOf('the controllers', await measure(kube, 'endpointslices'), 'EndpointSlice')];
lines.push(lineOf('the controllers', await measure(kube, 'endpoints'), 'Endpoints'));
const working = Promise.withResolvers<void>();
const stop = new AbortController();
const session = runSession(
  kube,
  { target: out, namespace, route: 'selector', output: '-', command: ['sleep', '1000'] },
  {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'step-started' && event.step === 'diagnose') working.resolve();
    },
  },
);
await Promise.race([working.promise, session]);
lines.push(lineOf('the stand-in', await measure(kube, 'endpointslices'), 'EndpointSlice'));
lines.push(lineOf('the stand-in', await measure(kube, 'endpoints'), 'Endpoints'));
stop.abort(new Error('measured'));
await session;
await restorePods(kube, { namespace, all: true });
report(`a sibling comes or goes, PATCH sent to event seen, ${ROUNDS} rounds`, lines);

function lineOf(who: string, all: readonly number[], what: string): string {
  const worst = Math.max(...all).toFixed(0);
  return `${who.padEnd(16)}${what.padEnd(14)} ${median(all).toFixed(0)} ms (worst ${worst})`;
}

/** Milliseconds of each round, in which the sibling leaves the Service or comes back. */
async function measure(
  connection: Kube,
  resource: 'endpointslices' | 'endpoints',
): Promise<readonly number[]> {
  const ended = new AbortController();
  let listed: boolean | undefined;
  let onChange: () => void = () => undefined;
  const following = (async () => {
    const options = { namespace, signal: ended.signal };
    for await (const event of connection.watch<EndpointSlice & Endpoints>(resource, options)) {
      if (event.type === 'SYNCED') continue;
      listed = JSON.stringify(event.object).includes('"sibling"');
      onChange();
    }
  })();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const wanted = round % 2 === 1;
    const begunMs = performance.now();
    const seen = new Promise<void>((resolve) => {
      onChange = () => {
        if (listed === wanted) resolve();
      };
    });
    await connection.patch(
      { resource: 'pods', namespace, name: 'sibling' },
      { metadata: { labels: { app: wanted ? 'web' : 'elsewhere' } } },
      { type: 'merge' },
    );
    await seen;
    times.push(performance.now() - begunMs);
  }
  ended.abort();
  await following;
  return times;
}
