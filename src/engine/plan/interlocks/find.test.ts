import type { Deployment, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { describe, expect, it } from 'vitest';
import { recordAnnotation } from '../../annotations.ts';
import { decide } from '../decide.ts';
import type { Interlock } from '../plan.ts';
import type { SessionRequest } from '../request.ts';
import type { Owner, Snapshot } from '../snapshot.ts';
import { refuseInterlocked } from './refuse.ts';

const request: SessionRequest = { target: 'web-1', namespace: 'shop' };
const ready = [{ type: 'Ready', status: 'True' }];

const pod: Pod = {
  metadata: {
    name: 'web-1',
    namespace: 'shop',
    uid: 'u1',
    labels: { app: 'web', serve: 'yes' },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-a', uid: 'rs', controller: true },
    ],
  },
  spec: { nodeName: 'n1', containers: [{ name: 'app', ports: [{ containerPort: 8080 }] }] },
  status: { podIP: '10.244.1.5', hostIP: '172.18.0.2', conditions: ready },
};

const service: Service = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { serve: 'yes' }, ports: [{ port: 80, targetPort: 8080 }] },
};

/** The Pod and its siblings `u2`, `u3`, … behind Service `web`. */
function slice(others: readonly { ready?: boolean; serving?: boolean; node?: string }[]) {
  const endpoint = (at: number, { node = 'n1', ...conditions }: (typeof others)[number]) => ({
    addresses: [`10.244.1.${5 + at}`],
    conditions: { ready: true, ...conditions },
    nodeName: node,
    targetRef: { kind: 'Pod', uid: `u${1 + at}` },
  });
  const listed: EndpointSlice = {
    metadata: { name: 'web-abc', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080 }],
    endpoints: [{}, ...others].map((each, at) => endpoint(at, each)),
  };
  return listed;
}

function replicaSet(deployment: Partial<Deployment> = {}): Owner {
  return {
    kind: 'ReplicaSet',
    replicaSet: {
      metadata: { name: 'web-a', uid: 'rs', ownerReferences: [parent] },
      spec: { selector: { matchLabels: { app: 'web' } }, replicas: 2 },
    },
    deployment: {
      metadata: { name: 'web' },
      spec: { replicas: 2, selector: {}, template: {} },
      status: { replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
      ...deployment,
    },
  };
}
const parent = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: 'web',
  uid: 'd',
  controller: true,
};

function statefulSet(over: Partial<StatefulSet> = {}): Owner {
  return {
    kind: 'StatefulSet',
    statefulSet: {
      metadata: { name: 'web', uid: 'sts' },
      spec: {
        replicas: 3,
        serviceName: 'web',
        selector: { matchLabels: { serve: 'yes' } },
        template: {},
      },
      ...over,
    },
  };
}

function world(over: Partial<Snapshot> = {}): Snapshot {
  return {
    pod,
    owner: replicaSet(),
    services: [service],
    slices: [slice([{}])],
    budgets: [],
    autoscalers: [],
    networkPolicies: [],
    ...over,
  };
}

function podWith(over: {
  metadata?: object;
  spec?: Partial<Pod['spec']>;
  status?: Partial<Pod['status']>;
}): Pod {
  return {
    metadata: { ...pod.metadata, ...over.metadata },
    spec: { containers: [], ...pod.spec, ...over.spec },
    status: { ...pod.status, ...over.status },
  };
}

function found(snapshot: Snapshot, over: Partial<SessionRequest> = {}): readonly Interlock[] {
  return decide(snapshot, { ...request, ...over }, 'auto').status.interlocks;
}

function said(snapshot: Snapshot, over: Partial<SessionRequest> = {}): readonly string[] {
  return found(snapshot, over).map(({ name, object, message }) => `${name} ${object}: ${message}`);
}

it('has nothing against a Pod that is well, among others', () => {
  expect(said(world())).toEqual([]);
});

describe('the Pod', () => {
  it('is not touched while it is being deleted', () => {
    const deleted = podWith({ metadata: { deletionTimestamp: '2026-11-23T10:00:00Z' } });
    expect(found(world({ pod: deleted }), { overrides: ['terminating'] })).toMatchObject([
      { name: 'terminating', overridable: false, overridden: false },
    ]);
  });

  it('that is not Ready says why', () => {
    const message = 'containers with unready status: [app]';
    const unready = podWith({
      status: { conditions: [{ type: 'Ready', status: 'False', message }] },
    });
    expect(said(world({ pod: unready }))).toEqual([
      `not-ready pod/web-1: the Pod is not Ready (${message}), so its way back could not be proven`,
    ]);
  });

  const crashed = podWith({
    status: {
      containerStatuses: [
        {
          name: 'app',
          image: 'web',
          imageID: '',
          ready: false,
          restartCount: 5,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 137 } },
        },
      ],
    },
  });

  it('whose container crashes can be isolated by override, but nothing can be run in it', () => {
    expect(found(world({ pod: crashed }))).toMatchObject([
      {
        name: 'not-running',
        message: 'container app does not run: CrashLoopBackOff, last exit code 137, 5 restarts',
        hint: 'kubectl logs web-1 -n shop -c app --previous',
        overridable: false,
      },
    ]);
    expect(decide(world({ pod: crashed }), request, 'none').status.interlocks).toMatchObject([
      { name: 'not-running', overridable: true },
    ]);
  });

  it('may be static, or use the network of its node', () => {
    const mirror = podWith({
      metadata: { annotations: { 'kubernetes.io/config.mirror': 'abc' } },
      spec: { hostNetwork: true },
    });
    expect(said(world({ pod: mirror }))).toEqual([
      'static-pod pod/web-1: the Pod is a mirror of a static Pod of node n1: the kubelet may write it anew, without labels and undo record of the session',
      "host-network pod/web-1: the Pod uses the network of node n1: it stays reachable at 172.18.0.2, and sockets of the node's other processes on its ports count as its own",
    ]);
  });
});

describe('another session', () => {
  it('on the Pod is told by its record, readable or not', () => {
    const record = (text: string) => ({
      pod: podWith({ metadata: { annotations: { [recordAnnotation]: text } } }),
    });
    const json = JSON.stringify({ id: 'a1', by: 'jane', startedAt: '2026-11-23T09:00:00Z' });
    expect(said(world(record(json)))).toEqual([
      'session-exists pod/web-1: another session (a1 by jane, since 2026-11-23T09:00:00Z) holds the Pod, or left it out; restore it first',
    ]);
    expect(said(world(record('{')))[0]).toContain('whose record cannot be read');
  });
});

describe('the owner', () => {
  it('may be gone', () => {
    expect(said(world({ owner: undefined }))).toEqual([
      'owner-gone pod/web-1: its owner replicaset/web-a (uid rs) does not exist any more: the garbage collector may delete the Pod at any moment',
    ]);
  });

  it('of kind StatefulSet waits for a released ordinal', () => {
    const named = podWith({ metadata: { name: 'web-1' } });
    const [interlock] = found(world({ pod: named, owner: statefulSet() }));
    expect(interlock).toMatchObject({
      name: 'statefulset-ordinal',
      object: 'statefulset/web',
      message:
        'releases web-1 and starts no replacement, the name being taken: until it is back scaling and rollouts wait behind ordinal 1 (of 0 to 2)',
      overridable: true,
    });
  });

  it.each<[string, Partial<Deployment>, string | undefined]>([
    [
      'has not been seen',
      { metadata: { name: 'web', generation: 3 }, status: { observedGeneration: 2 } },
      'a change of the Deployment has not been acted on yet',
    ],
    [
      'is half-way',
      { status: { replicas: 3, updatedReplicas: 1 } },
      '1 of 2 replicas are of the new revision',
    ],
    [
      'is half-way, and the Pod is an old one',
      {
        metadata: { name: 'web', annotations: { 'deployment.kubernetes.io/revision': '2' } },
        status: { replicas: 3, updatedReplicas: 1 },
      },
      '1 of 2 replicas are of the new revision; this Pod is of an old revision, and would be deleted',
    ],
    [
      'is paused half-way',
      {
        spec: { replicas: 2, selector: {}, template: {}, paused: true },
        status: { replicas: 3, updatedReplicas: 1 },
      },
      'its rollout is paused half-way: 1 of 2 replicas are of the new revision',
    ],
    [
      'is paused, and nothing is to be rolled out',
      { spec: { replicas: 2, selector: {}, template: {}, paused: true } },
      undefined,
    ],
    [
      'is stuck',
      {
        status: {
          replicas: 3,
          updatedReplicas: 1,
          conditions: [
            { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' },
          ],
        },
      },
      'its rollout is stuck: 1 of 2 replicas are of the new revision, no progress within 600 s',
    ],
    [
      'has old Pods left',
      { status: { replicas: 3, updatedReplicas: 2 } },
      '1 Pod of an old revision still there',
    ],
    [
      'waits for the new Pods',
      {
        status: {
          replicas: 2,
          updatedReplicas: 2,
          availableReplicas: 1,
          conditions: [{ type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }],
        },
      },
      '1 of 2 updated replicas are available',
    ],
    [
      'is over, and a Pod has gone unready since',
      {
        status: {
          replicas: 2,
          updatedReplicas: 2,
          availableReplicas: 1,
          conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }],
        },
      },
      undefined,
    ],
  ])('of kind Deployment: a rollout that %s', (_, deployment, message) => {
    const all = said(world({ owner: replicaSet(deployment) }));
    expect(all).toEqual(message === undefined ? [] : [`rollout deployment/web: ${message}`]);
  });

  it.each<[string, Partial<StatefulSet['spec'] & object>, number, string | undefined]>([
    ['goes on', {}, 1, '1 of 3 replicas are of the new revision; this Pod may be deleted'],
    ['is over', {}, 3, undefined],
    [
      'spares the Pod by its partition',
      { updateStrategy: { rollingUpdate: { partition: 2 } } },
      0,
      '0 of 1 replicas are of the new revision; partition 2 spares this Pod',
    ],
    [
      'has reached its partition',
      { updateStrategy: { rollingUpdate: { partition: 2 } } },
      1,
      undefined,
    ],
    ['waits for deletions', { updateStrategy: { type: 'OnDelete' } }, 0, undefined],
  ])('of kind StatefulSet: a rollout that %s', (_, spec, updatedReplicas, message) => {
    const owner = statefulSet({
      spec: {
        replicas: 3,
        serviceName: 'web',
        template: {},
        selector: { matchLabels: { app: 'web' } },
        ...spec,
      },
      status: { replicas: 3, currentRevision: 'a', updateRevision: 'b', updatedReplicas },
    });
    expect(said(world({ owner }))).toEqual(
      message === undefined ? [] : [`rollout statefulset/web: ${message}`],
    );
  });

  it('of kind DaemonSet: a rollout counts Pods, and OnDelete is none', () => {
    const owner = (type: string): Owner => ({
      kind: 'DaemonSet',
      daemonSet: {
        metadata: { name: 'web' },
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: {},
          updateStrategy: { type },
        },
        status: {
          desiredNumberScheduled: 3,
          updatedNumberScheduled: 2,
          currentNumberScheduled: 3,
          numberMisscheduled: 0,
          numberReady: 3,
        },
      },
    });
    expect(said(world({ owner: owner('RollingUpdate') }))).toEqual([
      'rollout daemonset/web: 2 of 3 Pods are of the new revision',
    ]);
    expect(said(world({ owner: owner('OnDelete') }))).toEqual([]);
  });
});

describe('a Service', () => {
  it('keeps its last ready endpoint, and is told how many replicas more would do', () => {
    expect(found(world({ slices: [slice([{ ready: false }])] }))).toMatchObject([
      {
        name: 'last-endpoint',
        object: 'service/web',
        message: 'the Pod is its only ready endpoint: its clients would be refused',
        hint: 'kubectl scale deployment/web -n shop --replicas=3',
      },
    ]);
  });

  it('keeps as many as must remain, by number or percent of those now', () => {
    const three = world({ slices: [slice([{}, {}])] });
    expect(said(three, { minReady: { count: 2 } })).toEqual([]);
    expect(said(three, { minReady: { count: 3 } })).toEqual([
      'last-endpoint service/web: 2 other ready endpoints would remain, and 3 must (--min-ready)',
    ]);
    expect(said(three, { minReady: { percent: 66 } })).toEqual([]);
    expect(said(three, { minReady: { percent: 67 } })).toEqual([
      'last-endpoint service/web: 2 other ready endpoints would remain, and 3 (67% of those now) must (--min-ready)',
    ]);
  });

  it('does not count those that it publishes although they do not serve', () => {
    const publishing = { ...service, spec: { ...service.spec, publishNotReadyAddresses: true } };
    const snapshot = world({ services: [publishing], slices: [slice([{ serving: false }])] });
    expect(said(snapshot)).toEqual([
      'last-endpoint service/web: the Pod is its only ready endpoint: its clients would be refused; 1 other published unready',
    ]);
  });

  it('with a traffic policy Local needs another on the same node', () => {
    const local: Service = {
      ...service,
      spec: { ...service.spec, internalTrafficPolicy: 'Local' },
    };
    const on = (node: string) => world({ services: [local], slices: [slice([{ node }])] });
    expect(said(on('n1'))).toEqual([]);
    expect(said(on('n2'))).toEqual([
      'last-endpoint service/web: the Pod is its only ready endpoint on node n1, and policy Local keeps to that node: clients on node n1 (internalTrafficPolicy) would reach nobody',
    ]);
  });

  it('that publishes unready Pods is not left by route gate', () => {
    const publishing = {
      metadata: service.metadata!,
      spec: { ...service.spec, selector: { app: 'web' }, publishNotReadyAddresses: true },
    };
    const gated = podWith({
      spec: { readinessGates: [{ conditionType: 'pitstop.dev/in-service' }] },
    });
    expect(() => found(world({ pod: gated, services: [publishing] }), { route: 'gate' })).toThrow(
      'interlock publish-not-ready: service/web: it publishes Pods that are not ready',
    );
  });

  it.each<[string, Service['metadata'] & object]>([
    [
      'Argo CD keeps it (argocd.argoproj.io/tracking-id)',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/Service:shop/web' } },
    ],
    [
      'Flux keeps it (kustomize.toolkit.fluxcd.io/name)',
      { labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' } },
    ],
    [
      'Flux keeps it (field manager helm-controller, 2026-11-01T00:00:00Z)',
      { managedFields: [{ manager: 'helm-controller', time: '2026-11-01T00:00:00Z' }] },
    ],
    [
      'Helm keeps it (meta.helm.sh/release-name)',
      { annotations: { 'meta.helm.sh/release-name': 'shop' } },
    ],
    [
      'shop/main owns it',
      {
        ownerReferences: [
          { apiVersion: 'x/v1', kind: 'Shop', name: 'main', uid: 's', controller: true },
        ],
      },
    ],
  ])('whose selector route selector would take: %s', (words, metadata) => {
    const kept = { ...service, metadata: { ...service.metadata, ...metadata } };
    const snapshot = world({ services: [kept] });
    expect(said(snapshot, { route: 'label' })).toEqual([]);
    const [first] = said(snapshot, { route: 'selector' });
    expect(first).toContain(`gitops-service service/web: ${words}`);
  });

  it('that Flux is told to leave alone is free', () => {
    const metadata = {
      ...service.metadata,
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' },
      annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' },
    };
    expect(said(world({ services: [{ ...service, metadata }] }), { route: 'selector' })).toEqual(
      [],
    );
  });
});

describe('disruptions', () => {
  const budget = (over: Partial<PodDisruptionBudget> = {}): PodDisruptionBudget => ({
    metadata: { name: 'web', namespace: 'shop' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
    status: { currentHealthy: 2, desiredHealthy: 2, expectedPods: 2, disruptionsAllowed: 0 },
    ...over,
  });

  it('need room in every budget that covers the Pod', () => {
    expect(said(world({ budgets: [budget()] }))).toEqual([
      'pdb poddisruptionbudget/web: it allows no disruption now (minAvailable 2): 2 of 2 Pods are healthy, and 2 must be',
    ]);
    const other = budget({ spec: { selector: { matchLabels: { app: 'db' } } } });
    expect(said(world({ budgets: [other] }))).toEqual([]);
    // policy/v1: empty selects all, absent none.
    expect(said(world({ budgets: [budget({ spec: { selector: {} } })] }))).toHaveLength(1);
    expect(said(world({ budgets: [budget({ spec: {} })] }))).toEqual([]);
  });

  it('do not count a Pod twice that is not Ready already', () => {
    const unready = podWith({ status: { conditions: [{ type: 'Ready', status: 'False' }] } });
    const all = found(world({ pod: unready, budgets: [budget()] }));
    expect(all.map(({ name }) => name)).toEqual(['not-ready']);
  });

  const autoscaler = (over: object = {}): HorizontalPodAutoscaler => ({
    metadata: { name: 'web' },
    spec: { maxReplicas: 9, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
    status: { currentReplicas: 2, desiredReplicas: 2 },
    ...over,
  });
  const gated = podWith({
    metadata: { labels: { app: 'web' } },
    spec: { readinessGates: [{ conditionType: 'pitstop.dev/in-service' }] },
  });
  const byGate = (autoscalers: HorizontalPodAutoscaler[]) =>
    said(
      world({
        pod: gated,
        services: [{ ...service, spec: { ...service.spec, selector: { app: 'web' } } }],
        autoscalers,
      }),
    );

  it('by an autoscaler hit an unready Pod first', () => {
    expect(byGate([autoscaler()])).toEqual([
      'hpa-scale-down horizontalpodautoscaler/web: it may scale deployment/web down (2 replicas now, at least 1), and an unready Pod goes first',
    ]);
    const { interlocks, warnings } = decide(
      world({ autoscalers: [autoscaler()] }),
      request,
      'auto',
    ).status;
    expect(interlocks).toEqual([]);
    expect(warnings).toEqual([
      'horizontalpodautoscaler/web counts the Pod, which idles while it is out: of 2 replicas it may take one away, not necessarily this one',
    ]);
  });

  it.each([
    ['at its least', { status: { currentReplicas: 1, desiredReplicas: 1 } }],
    [
      'that never scales down',
      {
        spec: {
          maxReplicas: 9,
          scaleTargetRef: { kind: 'Deployment', name: 'web' },
          behavior: { scaleDown: { selectPolicy: 'Disabled' } },
        },
      },
    ],
    [
      'of another workload',
      { spec: { maxReplicas: 9, scaleTargetRef: { kind: 'Deployment', name: 'db' } } },
    ],
  ])('cannot come from an autoscaler %s', (_, over) => {
    expect(byGate([autoscaler(over)])).toEqual([]);
  });

  it('are under way when an autoscaler wants fewer, whatever the route', () => {
    const fewer = autoscaler({ status: { currentReplicas: 5, desiredReplicas: 3 } });
    expect(said(world({ autoscalers: [fewer] }))).toEqual([
      'hpa-scale-down horizontalpodautoscaler/web: it is scaling deployment/web down from 5 to 3 replicas',
    ]);
  });

  it('that could not be looked for are said, and do not refuse', () => {
    const { interlocks, warnings } = decide(
      world({ budgets: undefined, autoscalers: undefined }),
      request,
      'auto',
    ).status;
    expect(interlocks).toEqual([]);
    expect(warnings).toEqual([
      'interlock pdb was not checked: poddisruptionbudgets cannot be listed in namespace shop',
      'interlock hpa-scale-down was not checked: horizontalpodautoscalers cannot be listed in namespace shop',
    ]);
  });
});

it('refuses with all that is in the way, what to do instead, and the flags that override it', () => {
  const unready = podWith({ status: { conditions: [{ type: 'Ready', status: 'False' }] } });
  const plan = decide(
    world({ pod: unready, slices: [slice([])] }),
    { ...request, overrides: [] },
    'auto',
  );
  expect(() => refuseInterlocked(plan)).toThrow(
    expect.objectContaining({
      code: 'interlock',
      message:
        'interlock not-ready: pod/web-1: the Pod is not Ready, so its way back could not be proven\n' +
        'interlock last-endpoint: service/web: the Pod is its only ready endpoint: its clients would be refused',
      hint:
        'kubectl describe pod web-1 -n shop\nkubectl scale deployment/web -n shop --replicas=3\n' +
        'or, at your own risk: --override=not-ready --override=last-endpoint',
    }),
  );
});
