import type { Node, NodeCondition } from 'kubernetes-types/core/v1.js';
import { readFileSync, statfsSync } from 'node:fs';
import { arch, availableParallelism, release, totalmem } from 'node:os';
import type { Api } from '../api.ts';
import type { RecordEvent } from '../controllers/event-recorder.ts';
import { type Level, limitsOf } from '../network/index.ts';
import { areOutdated, nodeConditions } from './node-conditions.ts';

const KUBELET_VERSION = 'v1.36.2';
const LEASE_SECONDS = 40;
const RENEW_MS = 10_000;
/** As the kubelet's nodeStatusReportFrequency: between reports when nothing has changed. */
const REPORT_MS = 300_000;
const LEASES = { namespace: 'kube-node-lease' };

export interface NodeObjectOptions {
  readonly api: Api;
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** Where the addresses of its Pods come from. */
  readonly podCidr: string;
  readonly level: Level;
  readonly directory: string;
  readonly images: readonly string[];
  readonly record: RecordEvent;
  readonly onError: (error: unknown) => void;
}

/** Registers the Node, Ready, and renews its lease until disposed. */
export function registerNode(options: NodeObjectOptions): Disposable {
  const { api, nodeName } = options;
  const node = nodeObject(options);
  if (!api.get('nodes', { name: nodeName })) api.create('nodes', node, { fieldManager: 'kubelet' });
  postStatus(options, node);
  sayReady(options);
  renew(options);
  const timer = setInterval(() => renew(options), RENEW_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function postStatus({ api, nodeName }: NodeObjectOptions, { status }: Node): void {
  const how = { type: 'strategic', subresource: 'status', fieldManager: 'kubelet' } as const;
  api.patch('nodes', { name: nodeName }, { status }, how);
}

/** What a kubelet says of a healthy node as it comes up. */
function sayReady({ nodeName, record }: NodeObjectOptions): void {
  // As upstream: the kubelet knows its node by name only.
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName } };
  record(node, 'Normal', 'Starting', 'Starting kubelet.');
  for (const reason of [
    'NodeHasSufficientMemory',
    'NodeHasNoDiskPressure',
    'NodeHasSufficientPID',
    'NodeReady',
  ]) {
    record(node, 'Normal', reason, `Node ${nodeName} status is now: ${reason}`);
  }
}

function renew(options: NodeObjectOptions): void {
  const { api, nodeName, onError } = options;
  const renewTime = `${new Date().toISOString().slice(0, -1)}000Z`;
  const spec = { holderIdentity: nodeName, leaseDurationSeconds: LEASE_SECONDS, renewTime };
  try {
    if (api.get('leases', { ...LEASES, name: nodeName })) {
      const patch = { spec: { renewTime } };
      api.patch('leases', { ...LEASES, name: nodeName }, patch, {
        type: 'merge',
        fieldManager: 'kubelet',
      });
      refresh(options);
    } else if (api.get('namespaces', { name: LEASES.namespace })) {
      const metadata = { ...LEASES, name: nodeName };
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
      api.create('leases', lease, { fieldManager: 'kubelet' });
    }
  } catch (error) {
    onError(error);
  }
}

/** Somebody took it for lost, or patched it; the disk fills; or it was long not said. */
function refresh(options: NodeObjectOptions): void {
  const { api, nodeName, directory, record } = options;
  const stored = api.get<Node>('nodes', { name: nodeName });
  // A Node that was deleted stays deleted until the kubelet starts anew.
  if (!stored) return;
  const conditions = nodeConditions(stored, { directory, now: Date.now() });
  if (!areOutdated(stored, conditions, REPORT_MS)) return;
  const isFull = pressure(conditions);
  if (isFull !== pressure(stored.status?.conditions)) {
    const reason = isFull ? 'NodeHasDiskPressure' : 'NodeHasNoDiskPressure';
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName } };
    record(node, 'Normal', reason, `Node ${nodeName} status is now: ${reason}`);
  }
  postStatus(options, nodeObject(options));
}

function pressure(conditions: readonly NodeCondition[] = []): boolean {
  return conditions.some(({ type, status }) => type === 'DiskPressure' && status === 'True');
}

function nodeObject(options: NodeObjectOptions): Node {
  const { nodeName, nodeAddress, level } = options;
  const architecture = { x64: 'amd64' }[arch() as 'x64'] ?? arch();
  const disk = diskKi(options.directory);
  const memory = Math.floor(totalmem() / 1024);
  const amounts = (memoryKi: number) => ({
    cpu: `${availableParallelism()}`,
    'ephemeral-storage': `${disk}Ki`,
    memory: `${memoryKi}Ki`,
    pods: '110',
  });
  const stored = options.api.get<Node>('nodes', { name: nodeName });
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: {
        'beta.kubernetes.io/arch': architecture,
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': architecture,
        'kubernetes.io/hostname': nodeName,
        'kubernetes.io/os': 'linux',
        'pitstop.dev/isolation-level': level,
      },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'pitstop.dev/isolation-limits': limitsOf(level),
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: { podCIDR: options.podCidr, podCIDRs: [options.podCidr] },
    status: {
      capacity: amounts(memory),
      allocatable: amounts(memory - 100 * 1024),
      conditions: nodeConditions(stored, { directory: options.directory, now: Date.now() }),
      addresses: [
        { type: 'InternalIP', address: nodeAddress },
        { type: 'Hostname', address: nodeName },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: hostId('/etc/machine-id'),
        systemUUID: hostId('/etc/machine-id'),
        bootID: hostId('/proc/sys/kernel/random/boot_id'),
        kernelVersion: release(),
        osImage: osImage(),
        containerRuntimeVersion: `pitstop://${level}`,
        kubeletVersion: KUBELET_VERSION,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture,
      },
      images: options.images.map((name) => ({ names: [name], sizeBytes: 0 })),
    },
  };
}

function diskKi(directory: string): number {
  const { blocks, bsize } = statfsSync(directory);
  return Math.floor((blocks * bsize) / 1024);
}

function hostId(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function osImage(): string {
  return /^PRETTY_NAME="?(.*?)"?$/m.exec(hostId('/etc/os-release'))?.[1] ?? 'Linux';
}
