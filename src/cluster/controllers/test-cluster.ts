import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Endpoints, Event, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Api } from '../api.ts';
import { createLocalApi } from '../apiserver/local-api.ts';
import { startScheduler } from '../scheduler/index.ts';
import { Store } from '../store/index.ts';
import { type Clock, microTimestamp, timestamp } from './clock.ts';
import { startControllers } from './index.ts';
import { metaOf } from './object-meta.ts';

/** Label on a Pod: this stand-in of a kubelet leaves it alone, the test plays it. */
export const BY_HAND = 'test/by-hand';

const namespace = 'default';
const LEASES = 'kube-node-lease';

/** What is quiet when everything has settled. */
const WATCHED = [
  'pods',
  'endpointslices',
  'endpoints',
  'replicasets',
  'deployments',
  'statefulsets',
  'daemonsets',
  'controllerrevisions',
];

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  #now = Date.parse('2026-11-23T12:00:00Z');
  #timers: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): Disposable {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return {
      [Symbol.dispose]: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  get waiting(): number {
    return this.#timers.length;
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { callback } of due) callback();
  }
}

/**
 * The in-process API server with all controllers and the scheduler on one node, and a stand-in of a
 * kubelet that makes assigned Pods ready at once and deleted ones disappear at once.
 */
export class TestCluster implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly api: Api;
  readonly errors: unknown[] = [];
  readonly #running = new AsyncDisposableStack();
  #lastAddress = 1;
  #lastChange = 0;
  #turns = 0;
  /** Nodes whose kubelet is there: it renews their lease as time goes by. */
  readonly #alive = new Set<string>();

  /** `kubeletTurns` says how many turns of the event loop the kubelet takes for its next action. */
  constructor({
    kubeletTurns = () => 1,
    volumesDirectory,
    labelsEndpoints,
  }: {
    readonly kubeletTurns?: () => number;
    readonly volumesDirectory?: string;
    readonly labelsEndpoints?: boolean;
  } = {}) {
    this.api = createLocalApi({
      store: new Store({ now: () => this.clock.now() }),
      now: () => new Date(this.clock.now()),
      validationRules: {},
    });
    this.api.create('namespaces', { metadata: { name: namespace } });
    this.api.create('namespaces', { metadata: { name: LEASES } });
    this.addNode('node1');
    for (const resource of WATCHED) {
      this.#running.use(
        this.api.watch(resource, () => {
          this.#lastChange = this.#turns;
        }),
      );
    }
    this.#running.use(
      this.api.watch<Pod>('pods', ({ type, object }) => {
        if (type !== 'DELETED') afterTurns(kubeletTurns(), () => this.#playKubelet(metaOf(object)));
      }),
    );
    const onError = (_controller: string, _key: string, error: unknown) => this.errors.push(error);
    this.#running.use(
      startControllers({
        api: this.api,
        clock: this.clock,
        onError,
        rootCa: 'PEM',
        ...(volumesDirectory && { volumesDirectory }),
        ...(labelsEndpoints !== undefined && { labelsEndpoints }),
      }),
    );
    this.#running.use(startScheduler({ api: this.api, clock: this.clock, onError }));
  }

  addNode(name: string, zone?: string): void {
    this.api.create('nodes', {
      metadata: { name, labels: zone ? { 'topology.kubernetes.io/zone': zone } : {} },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
    this.api.create('leases', { metadata: { namespace: LEASES, name }, spec: {} });
    this.#alive.add(name);
  }

  /** Its kubelet is not heard of any more. */
  loseNode(name: string): void {
    this.#alive.delete(name);
  }

  /** Its kubelet is back, and says so. */
  findNode(name: string): void {
    this.#alive.add(name);
    this.#renewLeases();
    const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }];
    const how = { type: 'strategic', subresource: 'status' } as const;
    this.api.patch('nodes', { name }, { status: { conditions } }, how);
  }

  /** Until nothing has changed for a while: every queue is empty then, delayed keys apart. */
  async settle(): Promise<void> {
    this.#lastChange = this.#turns;
    while (this.#turns < this.#lastChange + 30) {
      this.#turns += 1;
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    this.#renewLeases();
    await this.settle();
  }

  deploy(name: string, spec: Partial<Deployment['spec']> & { image?: string } = {}): Deployment {
    const { image = 'web:1', ...rest } = spec;
    return this.api.create<Deployment>('deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        replicas: 2,
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
        },
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        ...rest,
        selector: { matchLabels: { app: name } },
        template: podTemplate({ app: name }, image),
      },
    });
  }

  serve(name: string, spec: Partial<Service['spec']> = {}): Service {
    return this.api.create<Service>('services', {
      metadata: { name, namespace },
      spec: {
        type: 'ClusterIP',
        selector: { app: name },
        ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
        ...spec,
      },
    });
  }

  /** A Pod that is there, assigned and ready, without any scheduler or kubelet. */
  addPod(
    name: string,
    {
      labels,
      ip,
      ready = true,
      ports = [],
    }: {
      readonly labels: Record<string, string>;
      readonly ip?: string;
      readonly ready?: boolean;
      readonly ports?: { name: string; containerPort: number; protocol?: string }[];
    },
  ): Pod {
    this.api.create<Pod>('pods', {
      metadata: { name, namespace, labels: { ...labels, [BY_HAND]: '' } },
      spec: { nodeName: 'node1', containers: [{ name: 'web', image: 'web:1', ports }] },
    });
    return this.setReady(name, ready, ip ?? this.#nextAddress());
  }

  setReady(name: string, ready: boolean, ip?: string): Pod {
    const time = timestamp(this.clock.now());
    const before = this.pod(name).status;
    const others = (before?.conditions ?? []).filter(({ type }) => type !== 'Ready');
    const address = ip ?? before?.podIP ?? this.#nextAddress();
    return this.api.patch<Pod>(
      'pods',
      { namespace, name },
      {
        status: {
          phase: 'Running',
          podIP: address,
          podIPs: [{ ip: address }],
          conditions: [
            ...others,
            { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: time },
          ],
        },
      },
      { type: 'merge', subresource: 'status', fieldManager: 'kubelet' },
    );
  }

  patch(resource: string, name: string, patch: object): void {
    this.api.patch(resource, { namespace, name }, patch, { type: 'merge', fieldManager: 'test' });
  }

  /** Changes the template of Deployment `web`. */
  setImage(image: string, labels: Record<string, string | null> = {}): void {
    const ports = [{ name: 'http', containerPort: 8080, protocol: 'TCP' }];
    const template = {
      metadata: { labels },
      spec: { containers: [{ name: 'web', image, ports }] },
    };
    this.patch('deployments', 'web', { spec: { template } });
  }

  images(): (string | undefined)[] {
    return this.pods('app=web').map(({ spec }) => spec?.containers[0]?.image);
  }

  pods(labels = ''): Pod[] {
    return [...this.api.list<Pod>('pods', { namespace, labelSelector: labels })];
  }

  pod(name: string): Pod {
    const pod = this.api.get<Pod>('pods', { namespace, name });
    if (!pod) throw new Error(`there is no pod ${name}`);
    return pod;
  }

  hasPod(name: string): boolean {
    return this.api.get('pods', { namespace, name }) !== undefined;
  }

  slices(service: string): EndpointSlice[] {
    const labelSelector = `kubernetes.io/service-name=${service}`;
    return [...this.api.list<EndpointSlice>('endpointslices', { namespace, labelSelector })];
  }

  endpoints(name: string): Endpoints | undefined {
    return this.api.get<Endpoints>('endpoints', { namespace, name });
  }

  deployment(name: string): Deployment | undefined {
    return this.api.get<Deployment>('deployments', { namespace, name });
  }

  replicaSets(): ReplicaSet[] {
    return [...this.api.list<ReplicaSet>('replicasets', { namespace })];
  }

  events(): Event[] {
    return [...this.api.list<Event>('events', { namespace })];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync();
  }

  #renewLeases(): void {
    const spec = { renewTime: microTimestamp(this.clock.now()) };
    for (const name of this.#alive) {
      if (!this.api.get('nodes', { name })) continue;
      this.api.patch('leases', { namespace: LEASES, name }, { spec }, { type: 'merge' });
    }
  }

  #playKubelet({ namespace: space, name }: { namespace?: string; name: string }): void {
    if (this.#running.disposed) return;
    const pod = this.api.get<Pod>('pods', { namespace: space, name });
    if (!pod?.spec?.nodeName || pod.metadata?.labels?.[BY_HAND] !== undefined) return;
    if (!this.#alive.has(pod.spec.nodeName)) return;
    if (pod.metadata?.deletionTimestamp) {
      this.api.delete('pods', { namespace: space, name }, { gracePeriodSeconds: 0 });
    } else if (!pod.status?.podIP && space === namespace) this.setReady(name, true);
  }

  #nextAddress(): string {
    this.#lastAddress += 1;
    return `10.244.${this.#lastAddress >> 8}.${this.#lastAddress & 255}`;
  }
}

function afterTurns(turns: number, act: () => void): void {
  setImmediate(() => (turns > 1 ? afterTurns(turns - 1, act) : act()));
}

export function podTemplate(labels: Record<string, string>, image: string) {
  return {
    metadata: { labels },
    spec: {
      containers: [
        { name: 'web', image, ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] },
      ],
    },
  };
}

export function slicePodNames(slices: readonly EndpointSlice[], { ready = true } = {}): string[] {
  return slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => (conditions?.ready ?? true) === ready)
    .map(({ targetRef }) => targetRef?.name ?? '')
    .sort();
}

export function endpointsPodNames(endpoints: Endpoints | undefined): string[] {
  return (endpoints?.subsets ?? [])
    .flatMap(({ addresses = [] }) => addresses)
    .map(({ targetRef }) => targetRef?.name ?? '')
    .sort();
}
