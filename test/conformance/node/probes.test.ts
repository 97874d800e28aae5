import type { Container, Pod, Probe } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { isReady, waitFor, waitUntilReady } from '../support/pods.ts';
import { consistently } from '../support/until.ts';

// Upstream's times in milliseconds: how long what must not happen is waited for.
const observationMs = 240_000;
const initialDelaySeconds = 15;

conformance(
  '[sig-node] Probing container with readiness probe should not be ready before initial delay and never restart',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    await pods.create(
      webServer({ readinessProbe: { httpGet: { path: '/', port: 80 }, initialDelaySeconds } }),
    );
    const { status } = await waitUntilReady(pods, 'probed');
    const ready = status.conditions!.find(({ type }) => type === 'Ready')!.lastTransitionTime!;
    const started = status.containerStatuses![0]!.state!.running!.startedAt!;
    expect(Date.parse(ready) - Date.parse(started)).toBeGreaterThanOrEqual(
      initialDelaySeconds * 1000,
    );
    expect(status.containerStatuses![0]!.restartCount).toBe(0);
  },
);

conformance(
  '[sig-node] Probing container with readiness probe that fails should never be ready and never restart',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    await pods.create(webServer({ readinessProbe: { httpGet: { path: '/', port: 81 } } }));
    await consistently('not ready', async () => !isReady(await pods.get('probed')), 60_000);
    const pod = await pods.get('probed');
    expect(isReady(pod)).toBe(false);
    expect(pod.status.containerStatuses![0]!.restartCount).toBe(0);
  },
);

conformance(
  '[sig-node] Probing container should be restarted with a exec "cat /tmp/health" liveness probe',
  async (c) => {
    const script = 'echo ok >/tmp/health; sleep 10; rm -rf /tmp/health; sleep 600';
    await expectRestarts(c, busybox(script, catHealth), 1);
  },
  { timeoutMs: 360_000 },
);

conformance(
  '[sig-node] Probing container should *not* be restarted with a exec "cat /tmp/health" liveness probe',
  async (c) => {
    await expectRestarts(c, busybox('echo ok >/tmp/health; sleep 600', catHealth), 0);
  },
  { timeoutMs: 360_000 },
);

conformance(
  '[sig-node] Probing container should be restarted with a /healthz http liveness probe',
  async (c) => {
    const probe = { httpGet: { path: '/healthz', port: 8080 }, failureThreshold: 1 };
    await expectRestarts(c, liveness({ ...probe, initialDelaySeconds }), 1);
  },
  { timeoutMs: 360_000 },
);

conformance(
  '[sig-node] Probing container should *not* be restarted with a tcp:8080 liveness probe',
  async (c) => {
    const probe = { tcpSocket: { port: 8080 }, failureThreshold: 1 };
    await expectRestarts(c, liveness({ ...probe, initialDelaySeconds }), 0);
  },
  { timeoutMs: 360_000 },
);

conformance(
  '[sig-node] Probing container should have monotonically increasing restart count',
  async (c) => {
    const probe = { httpGet: { path: '/healthz', port: 8080 }, failureThreshold: 1 };
    await expectRestarts(c, liveness({ ...probe, initialDelaySeconds: 5 }), 5, 840_000);
  },
  { timeoutMs: 900_000 },
);

conformance(
  '[sig-node] Probing container should *not* be restarted with a /healthz http liveness probe',
  async (c) => {
    const httpGet = { path: '/', port: 80 };
    const livenessProbe = { httpGet, initialDelaySeconds, timeoutSeconds: 5, failureThreshold: 5 };
    await expectRestarts(c, webServer({ livenessProbe }), 0);
  },
  { timeoutMs: 360_000 },
);

conformance(
  '[sig-node] Probing container should *not* be restarted with a GRPC liveness probe',
  async (c) => {
    await expectRestarts(c, grpc({ port: 5000 }), 0);
  },
  { timeoutMs: 400_000 },
);

conformance(
  '[sig-node] Probing container should be restarted with a GRPC liveness probe',
  async (c) => {
    // Nothing listens there.
    await expectRestarts(c, grpc({ port: 2333 }), 1);
  },
  { timeoutMs: 400_000 },
);

const catHealth: Probe = {
  exec: { command: ['cat', '/tmp/health'] },
  initialDelaySeconds,
  timeoutSeconds: 5,
  failureThreshold: 1,
};

/**
 * Waits for so many restarts, or, with none expected, for as long as upstream does; the count must
 * never go back.
 */
async function expectRestarts(
  c: Conformance,
  pod: Pod,
  restarts: number,
  timeoutMs = observationMs,
): Promise<void> {
  const pods = c.in<Pod>('v1', 'pods');
  await pods.create(pod);
  const count = async () => (await pods.get('probed')).status.containerStatuses![0]!.restartCount;
  await waitFor(pods, 'probed', 'has started', ({ status }) => status.phase !== 'Pending');
  const before = await count();
  expect(before).toBe(0);
  let last = before;
  const isGrowing = async () => {
    const now = await count();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
    return restarts === 0 ? now === 0 : now < restarts;
  };
  if (restarts === 0) {
    await consistently('no restart', isGrowing, timeoutMs);
  } else {
    await expect(consistently('restarting', isGrowing, timeoutMs)).rejects.toThrow('did not last');
    expect(last).toBe(restarts);
  }
}

function probed(container: Omit<Container, 'name'>): Pod {
  return {
    metadata: { name: 'probed' },
    spec: { containers: [{ name: 'probed', ...container }] },
  };
}

function webServer(probes: Pick<Container, 'readinessProbe' | 'livenessProbe'>): Pod {
  return probed({
    image: images.agnhost,
    args: ['test-webserver', '--port', '80'],
    ports: [{ containerPort: 80 }],
    ...probes,
  });
}

/** A server that answers 500 after ten seconds, and goes on listening. */
function liveness(livenessProbe: Probe): Pod {
  return probed({ image: images.agnhost, args: ['liveness'], livenessProbe });
}

function busybox(script: string, livenessProbe: Probe): Pod {
  return probed({ image: images.busybox, command: ['/bin/sh', '-c', script], livenessProbe });
}

function grpc(target: { readonly port: number }): Pod {
  return probed({
    image: images.agnhost,
    command: ['/agnhost', 'grpc-health-checking'],
    ports: [{ containerPort: 5000 }, { containerPort: 8080 }],
    livenessProbe: {
      grpc: target,
      initialDelaySeconds: initialDelaySeconds * 4,
      timeoutSeconds: 5,
      failureThreshold: 1,
    },
  });
}
