import type { ContainerStatus, Pod, Probe } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import { livenessBudgetOf } from './liveness-budget.ts';

function pod(probes: { livenessProbe?: Probe; startupProbe?: Probe }, started = true): Pod {
  const status: ContainerStatus = {
    name: 'app',
    image: '',
    imageID: '',
    ready: true,
    restartCount: 0,
    started,
  };
  return {
    spec: { terminationGracePeriodSeconds: 45, containers: [{ name: 'app', ...probes }] },
    status: { containerStatuses: [status] },
  };
}

const httpGet = { path: '/healthz', port: 8080 };

it.each<[string, Probe, { earliestMs: number; graceMs: number }]>([
  ['the defaults', { httpGet }, { earliestMs: 21_000, graceMs: 45_000 }],
  [
    'one failure is enough',
    { httpGet, failureThreshold: 1, timeoutSeconds: 2 },
    { earliestMs: 2_000, graceMs: 45_000 },
  ],
  [
    'a timeout longer than the period delays the next probe',
    { httpGet, periodSeconds: 5, timeoutSeconds: 20, failureThreshold: 3 },
    { earliestMs: 60_000, graceMs: 45_000 },
  ],
  [
    'a grace period of its own',
    { httpGet, terminationGracePeriodSeconds: 10 },
    { earliestMs: 21_000, graceMs: 10_000 },
  ],
])('of a liveness probe: %s', (_, livenessProbe, budget) => {
  expect(livenessBudgetOf(pod({ livenessProbe }), 'app')).toMatchObject(budget);
});

it('goes by the startup probe until it has succeeded', () => {
  const probes = { livenessProbe: { httpGet }, startupProbe: { httpGet, failureThreshold: 30 } };
  expect(livenessBudgetOf(pod(probes, false), 'app')).toMatchObject({
    earliestMs: 291_000,
    probe: 'startupProbe (GET /healthz every 10 s, 1 s timeout, 30 failures)',
  });
  expect(livenessBudgetOf(pod(probes), 'app')).toMatchObject({
    earliestMs: 21_000,
    probe: 'livenessProbe (GET /healthz every 10 s, 1 s timeout, 3 failures)',
  });
});

it('is uncertain when a command is asked, and none where nothing that the process does is asked', () => {
  const livenessProbe = { exec: { command: ['cat', '/tmp/healthy'] } };
  expect(livenessBudgetOf(pod({ livenessProbe }), 'app')).toMatchObject({ isCertain: false });
  expect(livenessBudgetOf(pod({}), 'app')).toBeUndefined();
  // The kernel goes on accepting connections.
  const tcp = { tcpSocket: { port: 8080 } };
  expect(livenessBudgetOf(pod({ livenessProbe: tcp }), 'app')).toBeUndefined();
});
