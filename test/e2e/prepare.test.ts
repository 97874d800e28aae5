import { describe, expect, it } from 'vitest';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Service } from 'kubernetes-types/core/v1.js';
import { TrafficProbe } from '../../src/cli/demo/traffic-probe.ts';
import {
  applyPreparation,
  checkPreparation,
  createPlan,
  planPreparation,
} from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { deployMyApi } from '../support/my-api.ts';
import { pitstop } from '../support/pitstop.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();

describe.concurrent('kubectl pitstop prepare', () => {
  it('--apply prepares a Deployment under traffic: no request fails, and plan says label', async ({
    skip,
  }) => {
    if (!world.embedded) skip('only the embedded cluster has the image of the example');
    const { kube, kubeconfigPath } = world;
    const namespace = 'under-traffic';
    const { nodePort } = await deployMyApi(kube, { namespace, runtime: 'node' });
    const probe = new TrafficProbe({ host: '127.0.0.1', port: nodePort, requestsPerSecond: 100 });
    await using _ = probe;
    const args = ['prepare', 'deploy/my-api-deploy', '-n', namespace, '--apply'];
    const done = await pitstop(args, { kubeconfig: kubeconfigPath });
    expect(done).toMatchObject({ code: 0 });
    expect(done.stdout).toMatch(
      /service\/my-svc +2 ready endpoints before, never fewer than 2, 2 now/,
    );
    await probe.stop();
    // What this machine was too busy to send tells nothing of the Service.
    const sent = probe.requests.filter(({ error }) => !error?.startsWith('not sent'));
    expect(sent.filter(({ pod }) => pod === undefined)).toEqual([]);
    expect(sent.length).toBeGreaterThan(50);
    const { status } = await createPlan(kube, { target: 'deploy/my-api-deploy', namespace });
    expect(status.route.name).toBe('label');
    expect(status.labels).toEqual({ 'pitstop.dev/traffic': null });
    const again = await planPreparation(kube, { target: 'deploy/my-api-deploy', namespace });
    expect(again.status.steps).toEqual([]);
  });

  it('shows the patches, and touches nothing', async ({ expect: local }) => {
    const { kube, kubeconfigPath } = world;
    const { namespace } = await deploySmallApp(kube, { namespace: 'only-shown' });
    const before = await readWorld(kube, namespace);
    const run = (...args: readonly string[]) =>
      pitstop(['prepare', 'deploy/web', '-n', namespace, ...args], {
        kubeconfig: kubeconfigPath,
      });
    const [shown, patches] = await Promise.all([run('--diff', '--dry-run=server'), run('--patch')]);
    expect(shown).toMatchObject({ code: 0, stderr: expect.stringContaining('server accepts') });
    local(shown.stdout.replaceAll(namespace, 'only-shown')).toMatchInlineSnapshot(`
      "Preparing deployment/web in namespace only-shown, by label pitstop.dev/traffic=open
        service/web  needs to select on pitstop.dev/traffic

      In this order no Service loses an endpoint:
        1. deployment/web: every Pod gets the label pitstop.dev/traffic=open: a rollout
           kubectl patch deployment/web -n only-shown --type=strategic -p '{"spec":{"template":{"metadata":{"labels":{"pitstop.dev/traffic":"open"}}}}}'
           kubectl rollout status deployment/web -n only-shown
               spec:
                 template:
                   metadata:
                     labels:
                       app: web
             +         pitstop.dev/traffic: open
        2. service/web: only now the Service may select on it: all of its Pods carry it
           kubectl patch service/web -n only-shown --type=strategic -p '{"spec":{"selector":{"pitstop.dev/traffic":"open"}}}'
               spec:
                 selector:
                   app: web
             +     pitstop.dev/traffic: open

      To have it done, and the endpoints watched:
        kubectl pitstop prepare deployment/web -n only-shown --apply
      "
    `);
    local(patches.stdout.replaceAll(namespace, 'only-shown')).toMatchInlineSnapshot(`
      "# every Pod gets the label pitstop.dev/traffic=open: a rollout
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
        namespace: only-shown
      spec:
        template:
          metadata:
            labels:
              pitstop.dev/traffic: open
      ---
      # only now the Service may select on it: all of its Pods carry it
      apiVersion: v1
      kind: Service
      metadata:
        name: web
        namespace: only-shown
      spec:
        selector:
          pitstop.dev/traffic: open
      "
    `);
    expect(await readWorld(kube, namespace)).toEqual(before);
  });

  it('refuses a Deployment that starts anew all at once, and changes nothing', async () => {
    const { kube } = world;
    const { namespace } = await deploySmallApp(kube, {
      namespace: 'recreate',
      change: ({ deployment }) => {
        if (deployment.spec) Object.assign(deployment.spec, { strategy: { type: 'Recreate' } });
      },
    });
    const before = await readWorld(kube, namespace);
    const request = { target: 'deploy/web', namespace };
    await expect(applyPreparation(kube, request)).rejects.toMatchObject({
      code: 'prepare-refused',
      message: expect.stringContaining('takes 2 of 2 Pods out at once'),
    });
    expect(await readWorld(kube, namespace)).toEqual(before);
  });

  it('leaves the Service alone when the rollout does not come to its end', async () => {
    const { kube } = world;
    const { namespace } = await deploySmallApp(kube, { namespace: 'stuck' });
    const reference = { resource: 'deployments', namespace, name: 'web' } as const;
    // From now on no new Pod becomes Ready.
    const readinessProbe = { exec: { command: ['false'] } };
    const template = { spec: { containers: [{ name: 'web', readinessProbe }] } };
    await kube.patch<Deployment>(reference, { spec: { template } }, { type: 'strategic' });
    const service = () => kube.get<Service>({ resource: 'services', namespace, name: 'web' });
    const { spec } = (await service()) ?? {};
    const request = { target: 'deploy/web', namespace, timeoutMs: 1_500 };
    const preparation = await planPreparation(kube, request);
    await checkPreparation(kube, preparation);
    await expect(applyPreparation(kube, request)).rejects.toMatchObject({
      code: 'prepare-failed',
      message: expect.stringContaining('its Services are as they were'),
    });
    expect((await service())?.spec).toEqual(spec);
  });
});
