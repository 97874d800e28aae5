import type { Lifecycle, LifecycleHandler, Pod } from 'kubernetes-types/core/v1.js';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { logOf, run, waitUntilGone, waitUntilReady } from '../support/pods.ts';
import type { Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';

conformance(
  '[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart exec hook properly',
  async (c) => {
    const handler = await createHandler(c);
    await expectHook(c, handler, { postStart: calling(handler, 'poststart') });
  },
);

conformance(
  '[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop exec hook properly',
  async (c) => {
    const handler = await createHandler(c);
    await expectHook(c, handler, { preStop: calling(handler, 'prestop') });
  },
);

conformance(
  '[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart http hook properly',
  async (c) => {
    const handler = await createHandler(c);
    await expectHook(c, handler, { postStart: getting(handler, 'poststart') });
  },
);

conformance(
  '[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop http hook properly',
  async (c) => {
    const handler = await createHandler(c);
    await expectHook(c, handler, { preStop: getting(handler, 'prestop') });
  },
);

conformance('[sig-node] PreStop should call prestop when killing a pod', async (c) => {
  const pods = c.in<Pod>('v1', 'pods');
  const server = await run(c, {
    metadata: { name: 'server' },
    spec: {
      containers: [
        {
          name: 'agnhost-container',
          image: images.agnhost,
          args: ['nettest'],
          ports: [{ containerPort: 8080 }],
        },
      ],
    },
  });
  const write = `http://${server.status.podIP}:8080/write`;
  await run(c, {
    metadata: { name: 'tester' },
    spec: {
      containers: [
        {
          name: 'tester',
          image: images.busybox,
          command: ['sleep', '600'],
          lifecycle: {
            preStop: {
              exec: {
                command: ['wget', '-O-', '--post-data={"Source": "prestop"}', write],
              },
            },
          },
        },
      ],
    },
  });
  await pods.delete('tester');
  await until(
    'the server has heard of it',
    async () => {
      const path = `${pods.path}/server/proxy/read`;
      const state = await c.api.call<{ Received?: Record<string, number> }>('GET', path);
      return state.Received?.['prestop'] !== undefined;
    },
    60_000,
  );
});

/** A Pod that logs what it is asked. */
function createHandler(c: Conformance): Promise<Stored<Pod>> {
  return run(c, {
    metadata: { name: 'pod-handle-http-request' },
    spec: {
      containers: [
        {
          name: 'container-handle-http-request',
          image: images.agnhost,
          args: ['netexec', '--http-port', '8080', '--udp-port', '-1'],
          ports: [{ containerPort: 8080, protocol: 'TCP' }],
          readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
        },
      ],
    },
  });
}

function calling(handler: Stored<Pod>, message: string): LifecycleHandler {
  const url = `http://${handler.status.podIP}:8080/echo?msg=${message}`;
  return { exec: { command: ['sh', '-c', `curl ${url}`] } };
}

function getting(handler: Stored<Pod>, message: string): LifecycleHandler {
  return {
    httpGet: { path: `/echo?msg=${message}`, host: handler.status.podIP!, port: 8080 },
  };
}

async function expectHook(
  c: Conformance,
  handler: Stored<Pod>,
  lifecycle: Lifecycle,
): Promise<void> {
  const pods = c.in<Pod>('v1', 'pods');
  await waitUntilReady(pods, handler.metadata.name);
  const name = 'pod-with-hook';
  await pods.create({
    metadata: { name },
    spec: { containers: [{ name, image: images.agnhost, lifecycle }] },
  });
  await waitUntilReady(pods, name);
  const heard = (message: string) =>
    until(
      `GET /echo?msg=${message} in the log of the handler`,
      async () => (await logOf(c.api, handler)).includes(`GET /echo?msg=${message}`),
      60_000,
    );
  if (lifecycle.postStart) await heard('poststart');
  await pods.delete(name, { gracePeriodSeconds: 15 });
  await waitUntilGone(pods, name);
  if (lifecycle.preStop) await heard('prestop');
}
