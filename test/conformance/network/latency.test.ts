import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { until } from '../support/until.ts';

// Upstream's numbers: how many Services, how many at a time, and its bounds in milliseconds.
const trials = 200;
const lanes = 15;
const medianMs = 20_000;
const tailMs = 50_000;

conformance(
  '[sig-network] Service endpoints latency should not be very high',
  async (c) => {
    const labels = { name: 'svc-latency-rc' };
    await c.in<Deployment>('apps/v1', 'deployments').create({
      metadata: { name: 'svc-latency' },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'pause', image: images.pause }] },
        },
      },
    });
    const deployments = c.in<Deployment>('apps/v1', 'deployments');
    await until(
      'the Pod is ready',
      async () => (await deployments.get('svc-latency')).status.readyReplicas === 1,
      180_000,
    );

    const services = c.in<Service>('v1', 'services');
    const { resourceVersion } = (await c.in<Endpoints>('v1', 'endpoints').list()).metadata;
    using watch = await c.in<Endpoints>('v1', 'endpoints').watch({ resourceVersion });
    const arrived = new Map<string, PromiseWithResolvers<number>>();
    const arrival = (name: string) => {
      const known = arrived.get(name) ?? Promise.withResolvers<number>();
      arrived.set(name, known);
      return known;
    };
    const watching = (async () => {
      const seen = new Set<string>();
      while (seen.size < trials) {
        const { object } = await watch.until(
          'Endpoints with an address',
          (event) => (event.object.subsets?.[0]?.addresses ?? []).length > 0,
          tailMs,
        );
        seen.add(object.metadata.name);
        arrival(object.metadata.name).resolve(Date.now());
      }
    })();

    const latencies: number[] = [];
    const numbers = Array.from({ length: trials }, (_, index) => index);
    const lane = async () => {
      while (numbers.pop() !== undefined) {
        const start = Date.now();
        const { name } = (
          await services.create({
            metadata: { generateName: 'latency-svc-' },
            spec: {
              selector: labels,
              type: 'ClusterIP',
              sessionAffinity: 'None',
              ports: [{ protocol: 'TCP', port: 80 }],
            },
          })
        ).metadata;
        latencies.push((await arrival(name).promise) - start);
        await services.delete(name);
      }
    };
    await Promise.all([...Array.from({ length: lanes }, lane), watching]);
    const sorted = latencies.toSorted((a, b) => a - b);
    expect(sorted).toHaveLength(trials);
    expect(sorted[Math.floor(trials * 0.5)]).toBeLessThan(medianMs);
    expect(sorted[Math.floor(trials * 0.99)]).toBeLessThan(tailMs);
  },
  { timeoutMs: 300_000 },
);
