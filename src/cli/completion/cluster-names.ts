import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube, KubeObject, ResourceName } from '../../kube/index.ts';
import { connectWith } from '../connection.ts';
import type { CommonFlags } from '../flags.ts';
import type { Candidate } from './candidate.ts';

/** Names of what is in the cluster; empty where it does not answer in time. */
export interface ClusterNames {
  readonly namespaces: () => Promise<readonly Candidate[]>;
  /** Of the Pod; of all Pods of the namespace where none is named. */
  readonly containers: (target: string | undefined) => Promise<readonly Candidate[]>;
  /** Pods that carry an undo record. */
  readonly podsOut: () => Promise<readonly Candidate[]>;
  /** Objects of a kind as targets name it: `pod`, `deploy`, `svc`, … */
  readonly named: (kind: string) => Promise<readonly Candidate[]>;
}

/** Somebody waits with a finger on the key. */
const timeoutMs = 2_000;

const resources: Readonly<Record<string, ResourceName>> = {
  po: 'pods',
  pod: 'pods',
  pods: 'pods',
  deploy: 'deployments',
  deployment: 'deployments',
  rs: 'replicasets',
  replicaset: 'replicasets',
  sts: 'statefulsets',
  statefulset: 'statefulsets',
  ds: 'daemonsets',
  daemonset: 'daemonsets',
  rc: 'replicationcontrollers',
  job: 'jobs',
  svc: 'services',
  service: 'services',
};

export function clusterNames(flags: Readonly<Record<string, unknown>>): ClusterNames {
  const pods = () => list<Pod>(flags, 'pods');
  return {
    namespaces: async () => (await list(flags, 'namespaces')).map(candidate),
    containers: async (target) => {
      const name = target?.replace(/^pods?\//, '');
      const all = await pods();
      const named = all.filter(({ metadata }) => metadata?.name === name);
      const containers = (named.length > 0 ? named : all).flatMap(
        ({ spec }) => spec?.containers ?? [],
      );
      return [...new Set(containers.map((container) => container.name))].map((word) => ({ word }));
    },
    podsOut: async () =>
      (await pods()).filter(isOut).map(({ metadata }) => ({ word: metadata?.name ?? '' })),
    named: async (kind) => {
      const resource = resources[kind];
      if (resource === undefined) return [];
      if (resource !== 'pods') return (await list(flags, resource)).map(candidate);
      return (await pods()).map((pod) => ({
        word: pod.metadata?.name ?? '',
        description: isOut(pod) ? 'out of traffic' : pod.status?.phase,
      }));
    },
  };
}

function candidate({ metadata }: KubeObject): Candidate {
  return { word: metadata?.name ?? '' };
}

function isOut({ metadata }: Pod): boolean {
  return metadata?.annotations?.['pitstop.dev/session'] !== undefined;
}

async function list<T extends KubeObject>(
  flags: Readonly<Record<string, unknown>>,
  resource: ResourceName,
): Promise<readonly T[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    await using kube: Kube = await connectWith({
      ...(flags as Partial<CommonFlags>),
      progress: 'none',
      requestTimeout: timeoutMs,
    });
    const namespace = resource === 'namespaces' ? undefined : kube.namespace;
    return await kube.list<T>(resource, { namespace, signal });
  } catch {
    // A shell that completes has no place for errors: there is nothing to offer.
    return [];
  }
}
