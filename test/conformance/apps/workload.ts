import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Container, Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import type { Conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { isReady } from '../support/pods.ts';
import type { Resource, Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';

type Labels = Readonly<Record<string, string>>;

export const revisionAnnotation = 'deployment.kubernetes.io/revision';

export const httpd: Container = { name: 'httpd', image: images.httpd };
export const agnhost: Container = { name: 'agnhost', image: images.agnhost };

export function deployments(c: Conformance): Resource<Deployment> {
  return c.in<Deployment>('apps/v1', 'deployments');
}

export function replicaSets(c: Conformance): Resource<ReplicaSet> {
  return c.in<ReplicaSet>('apps/v1', 'replicasets');
}

export function deploymentOf(
  name: string,
  options: {
    readonly labels: Labels;
    readonly container: Container;
    readonly replicas?: number;
    readonly spec?: Partial<NonNullable<Deployment['spec']>>;
  },
): Deployment {
  const { labels, container, replicas = 1 } = options;
  return {
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: templateOf(labels, container),
      ...options.spec,
    },
  };
}

export function replicaSetOf(
  name: string,
  options: { readonly labels: Labels; readonly container: Container; readonly replicas?: number },
): ReplicaSet {
  const { labels, container, replicas = 1 } = options;
  return {
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: templateOf(labels, container),
    },
  };
}

function templateOf(labels: Labels, container: Container): PodTemplateSpec {
  return {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  };
}

/** Waits for a Deployment whose Pods are all there, of the newest template, and available. */
export function complete(c: Conformance, name: string): Promise<Stored<Deployment>> {
  return until(
    `deployment ${name} is complete`,
    async () => {
      const deployment = await deployments(c).get(name);
      const { status, spec, metadata } = deployment;
      return (
        status.updatedReplicas === spec.replicas &&
        status.replicas === spec.replicas &&
        status.availableReplicas === spec.replicas &&
        (status.observedGeneration ?? 0) >= (metadata.generation ?? 0) &&
        deployment
      );
    },
    300_000,
  );
}

/** Waits until the Deployment, and its new ReplicaSet, are of that revision and image. */
export async function atRevision(
  c: Conformance,
  name: string,
  wanted: { readonly revision: string; readonly image: string },
): Promise<Stored<ReplicaSet>> {
  return until(
    `revision ${wanted.revision} of ${name}`,
    async () => {
      const deployment = await deployments(c).get(name);
      const newest = await newReplicaSet(c, deployment);
      expect(deployment.metadata.annotations?.[revisionAnnotation]).toBe(wanted.revision);
      expect(newest.metadata.annotations?.[revisionAnnotation]).toBe(wanted.revision);
      expect(newest.spec.template?.spec?.containers[0]?.image).toBe(wanted.image);
      expect(deployment.spec.template.spec?.containers[0]?.image).toBe(wanted.image);
      return newest;
    },
    120_000,
  );
}

/** The ReplicaSets of a Deployment, the one of its present template first. */
export async function replicaSetsOf(
  c: Conformance,
  deployment: Stored<Deployment>,
): Promise<readonly Stored<ReplicaSet>[]> {
  const { items } = await replicaSets(c).list();
  const own = items.filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid),
  );
  const isNew = (set: Stored<ReplicaSet>) => {
    const [wanted] = deployment.spec.template.spec!.containers;
    const [found] = set.spec.template!.spec!.containers;
    return wanted!.name === found!.name && wanted!.image === found!.image;
  };
  return [...own.filter(isNew), ...own.filter((set) => !isNew(set))];
}

export async function newReplicaSet(
  c: Conformance,
  deployment: Stored<Deployment>,
): Promise<Stored<ReplicaSet>> {
  const [newest] = await replicaSetsOf(c, deployment);
  const [wanted] = deployment.spec.template.spec!.containers;
  if (!newest || newest.spec.template?.spec?.containers[0]?.image !== wanted!.image) {
    throw new Error(`deployment ${deployment.metadata.name} has no new ReplicaSet yet`);
  }
  return newest;
}

/** Waits for so many Pods of a label that run and are ready. */
export function podsReady(c: Conformance, labelSelector: string, count: number): Promise<boolean> {
  return until(
    `${count} ready Pods of ${labelSelector}`,
    async () => {
      const { items } = await c.in<Pod>('v1', 'pods').list({ labelSelector });
      const ready = items.filter(isReady);
      return items.length === count && ready.length === count;
    },
    300_000,
  );
}

/** Every Pod labelled with the name answers its own name at port 9376, asked through the API server. */
export async function saysItsName(c: Conformance, name: string): Promise<void> {
  const { items } = await c.in<Pod>('v1', 'pods').list({ labelSelector: `name=${name}` });
  for (const { metadata } of items) {
    await until(
      `pod ${metadata.name} says its name`,
      async () => {
        const path = `/api/v1/namespaces/${c.namespace}/pods/${metadata.name}:9376/proxy/`;
        expect((await c.api.raw('GET', path)).body.trim()).toBe(metadata.name);
        return true;
      },
      120_000,
    );
  }
}
