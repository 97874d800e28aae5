import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { performance } from 'node:perf_hooks';
import { createApiServer, generateCertificates } from '../src/cluster/apiserver/index.ts';
import { startControllers } from '../src/cluster/controllers/index.ts';
import { median, report, seconds } from './support/measure.ts';

/** One Service, and how long one Pod's change takes to reach its slices, watched in the process. */
const ENDPOINTS = [100, 1000, 5000];
const ROUNDS = 60;
const namespace = 'default';
const labelSelector = 'kubernetes.io/service-name=web';
const lines: string[] = [];

for (const count of ENDPOINTS) {
  const server = createApiServer({
    token: 'bench',
    certificates: await generateCertificates(),
    agent: () => {
      throw new Error('no kubelet here');
    },
  });
  const { api } = server;
  api.create('nodes', {
    metadata: { name: 'node1' },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const controllers = startControllers({
    api,
    onError: (...all) => process.stderr.write(`${all.join(' ')}\n`),
  });
  for (let n = 0; n < count; n += 1) {
    api.create<Pod>('pods', {
      metadata: { name: `web-${n}`, namespace, labels: { app: 'web' } },
      spec: { nodeName: 'node1', containers: [{ name: 'web', image: 'web:1' }] },
    });
    setReady(n, true);
  }
  const built = await seconds(async () => {
    const complete = until(
      (slices) => slices.flatMap(({ endpoints }) => endpoints).length === count,
    );
    api.create('services', {
      metadata: { name: 'web', namespace },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await complete;
  });
  const times: number[] = [];
  const patches: number[] = [];
  const away = new Set<number>();
  let written = 0;
  using _writes = api.watch(
    'endpointslices',
    ({ type }) => (written += type === 'MODIFIED' ? 1 : 0),
  );
  for (let round = 0; round < ROUNDS; round += 1) {
    const number = Math.floor((round * 7919) % count);
    const ready = away.has(number);
    if (!away.delete(number)) away.add(number);
    const changed = until((slices) => endpointOf(slices, number)?.conditions?.ready === ready);
    const start = performance.now();
    setReady(number, ready);
    patches.push(performance.now() - start);
    const at = await changed;
    times.push(at - start);
    // Endpoints, budgets and whoever else looks at Pods: not measured, but not in the next round either.
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  lines.push(
    `${String(count).padStart(5)} endpoints: ${median(times).toFixed(2)} ms, worst ${Math.max(...times).toFixed(1)} ms; the PATCH of them ${median(patches).toFixed(2)} ms; ${(written / ROUNDS).toFixed(2)} slices written; all slices in ${(built * 1000).toFixed(0)} ms`,
  );
  await controllers[Symbol.asyncDispose]();
  await server.close();

  function setReady(number: number, ready: boolean): void {
    const ip = `10.${100 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
    api.patch(
      'pods',
      { namespace, name: `web-${number}` },
      {
        status: {
          phase: 'Running',
          podIP: ip,
          podIPs: [{ ip }],
          conditions: [
            {
              type: 'Ready',
              status: ready ? 'True' : 'False',
              lastTransitionTime: new Date().toISOString().replace(/\.\d+/, ''),
            },
          ],
        },
      },
      { type: 'merge', subresource: 'status' },
    );
  }

  /** Resolves with the instant of the write after which the slices are as asked. */
  function until(isDone: (slices: readonly EndpointSlice[]) => boolean): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    let isFirst = true;
    const watch = api.watch<EndpointSlice>('endpointslices', () => {
      if (isFirst) return;
      const at = performance.now();
      setImmediate(() => {
        if (!isDone(api.list<EndpointSlice>('endpointslices', { namespace, labelSelector })))
          return;
        watch[Symbol.dispose]();
        resolve(at);
      });
    });
    isFirst = false;
    return promise;
  }
}

report("one Pod's readiness reaches its Service's slices", lines);

function endpointOf(slices: readonly EndpointSlice[], number: number): Endpoint | undefined {
  const name = `web-${number}`;
  for (const { endpoints } of slices) {
    const found = endpoints.find(({ targetRef }) => targetRef?.name === name);
    if (found) return found;
  }
  return undefined;
}
