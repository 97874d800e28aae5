import type { Deployment, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import { describe, expect, it } from 'vitest';
import { decidePreparation } from './decide.ts';
import type { PrepareRequest } from './preparation.ts';
import type { Surroundings, Workload } from './workload.ts';

const namespace = 'shop';
const labels = { app: 'web' };

function deployment(change: Partial<Deployment['spec'] & object> = {}, metadata: ObjectMeta = {}) {
  const object: Deployment = {
    metadata: { name: 'web', namespace, ...metadata },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [] } },
      ...change,
    },
  };
  return { kind: 'deployment', object } as const;
}

function service(selector: Record<string, string> = labels, more: Service = {}): Service {
  const { metadata, spec } = more;
  return { metadata: { name: 'web', namespace, ...metadata }, spec: { selector, ...spec } };
}

function decide(
  workload: Workload,
  surroundings: Partial<Surroundings> = {},
  request: Partial<PrepareRequest> = {},
) {
  const all = { workload, services: [service()], pods: [], ...surroundings };
  return decidePreparation(all, { target: 'deploy/web', namespace, ...request });
}

const refusalsOf = (...given: Parameters<typeof decide>) =>
  decide(...given).status.refusals.map(({ object, message }) => `${object}: ${message}`);

describe('decidePreparation', () => {
  it('labels the template first, and lets the Services select on it only then', () => {
    const { status, spec } = decide(deployment());
    expect(spec.by).toBe('pitstop.dev/traffic=open');
    expect(status.steps).toMatchObject([
      {
        object: 'deployment/web',
        patch: { spec: { template: { metadata: { labels: { 'pitstop.dev/traffic': 'open' } } } } },
        done: false,
      },
      {
        object: 'service/web',
        patch: { spec: { selector: { 'pitstop.dev/traffic': 'open' } } },
        done: false,
        after: { spec: { selector: { app: 'web', 'pitstop.dev/traffic': 'open' } } },
      },
    ]);
    expect(status.refusals).toEqual([]);
  });

  it('does what is left when it was interrupted in between', () => {
    const template = { metadata: { labels: { ...labels, 'pitstop.dev/traffic': 'open' } } };
    const { steps } = decide(deployment({ template })).status;
    expect(steps.map(({ done }) => done)).toEqual([true, false]);
  });

  it('leaves alone a Service that selects on a label of its own already', () => {
    const template = { metadata: { labels: { ...labels, tier: 'front' } } };
    const services = [service({ tier: 'front' })];
    const { status } = decide(deployment({ template }), { services });
    expect(status.services).toMatchObject([{ name: 'web', prepared: true }]);
    expect(status.steps).toEqual([]);
  });

  it('uses the label it is given, without a rollout where the template has it', () => {
    const template = { metadata: { labels: { ...labels, tier: 'front' } } };
    const label = { key: 'tier', value: 'front' };
    const { status } = decide(deployment({ template }), {}, { label });
    expect(status.steps.map(({ object, done }) => [object, done])).toEqual([
      ['deployment/web', true],
      ['service/web', false],
    ]);
    expect(status.warnings).toEqual([]);
  });

  it('refuses what is kept elsewhere, and says where to commit the patch', () => {
    const argo = { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment' } };
    expect(refusalsOf(deployment({}, argo))).toEqual([
      expect.stringMatching(/^deployment\/web: Argo CD keeps it .* commit the patch there/),
    ]);
    const reference = { apiVersion: 'example.com/v1', kind: 'Shop', name: 's', uid: 'u' };
    const owned = { metadata: { ownerReferences: [{ ...reference, controller: true }] } };
    expect(refusalsOf(deployment(), { services: [service(labels, owned)] })).toEqual([
      'service/web: shop/s owns it, and writes it as it wants it: change that one',
    ]);
  });

  it.each([
    [deployment({ strategy: { type: 'Recreate' } }), 'takes 2 of 2 Pods out at once'],
    [deployment({ paused: true }), 'it is paused'],
    [
      deployment({
        replicas: 1,
        strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      }),
      'takes 1 of 1 Pods out at once',
    ],
  ])('refuses a rollout that would lose traffic, or not come (%#)', (workload, message) => {
    expect(refusalsOf(workload)).toEqual([expect.stringContaining(message)]);
  });

  it('knows how a StatefulSet is rolled out', () => {
    const set = (spec: Partial<StatefulSet['spec'] & object>): Workload => ({
      kind: 'statefulset',
      object: { ...deployment().object, spec: { ...deployment().object.spec, ...spec } } as never,
    });
    expect(refusalsOf(set({ replicas: 1 }))).toEqual([expect.stringContaining('1 of 1 Pods')]);
    expect(refusalsOf(set({ updateStrategy: { type: 'OnDelete' } }))).toEqual([
      expect.stringContaining('OnDelete'),
    ]);
    expect(refusalsOf(set({ updateStrategy: { rollingUpdate: { partition: 1 } } }))).toEqual([
      expect.stringContaining('partition is 1'),
    ]);
    expect(decide(set({})).status.warnings).toEqual([
      'the rollout of statefulset/web takes up to 1 of 2 Pods out at a time',
    ]);
  });

  it('refuses to take a Service away from Pods that are not of the workload', () => {
    const stranger: Pod = { metadata: { name: 'canary-1', labels: { app: 'web', canary: 'yes' } } };
    const request = { pods: [stranger] };
    expect(refusalsOf(deployment(), request)).toEqual([
      expect.stringContaining('it also sends traffic to pod canary-1'),
    ]);
    const labelled = { ...stranger.metadata?.labels, 'pitstop.dev/traffic': 'open' };
    const ready = { pods: [{ metadata: { name: 'canary-1', labels: labelled } }] };
    expect(refusalsOf(deployment(), ready)).toEqual([]);
  });

  it('shows the readiness gate, keeps the others, and never applies it', () => {
    const readinessGates = [{ conditionType: 'example.com/lb' }];
    const template = { metadata: { labels }, spec: { containers: [], readinessGates } };
    const { status } = decide(deployment({ template }), {}, { means: 'gate' });
    expect(status.steps).toMatchObject([
      {
        patch: {
          spec: {
            template: {
              spec: {
                readinessGates: [
                  { conditionType: 'example.com/lb' },
                  { conditionType: 'pitstop.dev/in-service' },
                ],
              },
            },
          },
        },
      },
    ]);
    expect(status.refusals).toEqual([
      { object: 'deployment/web', message: expect.stringContaining('nothing does that here') },
    ]);
  });
});
