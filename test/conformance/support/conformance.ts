import { randomBytes } from 'node:crypto';
import type { Namespace, ServiceAccount } from 'kubernetes-types/core/v1.js';
import { inject, test } from 'vitest';
import { leftOut } from '../left-out.ts';
import { Api } from './api.ts';
import { kubectl, type KubectlResult } from './kubectl.ts';
import { Resource } from './resource.ts';
import { until } from './until.ts';
import './cluster.ts';

/** What a conformance test gets: the API, and a namespace of its own. */
export interface Conformance {
  readonly api: Api;
  readonly namespace: string;
  readonly namespaces: Resource<Namespace>;
  /** A kind in the test's own namespace. */
  in<T extends object>(groupVersion: string, plural: string): Resource<T>;
  /** A kind of the whole cluster, or of all namespaces. */
  all<T extends object>(groupVersion: string, plural: string): Resource<T>;
  /** A further namespace, deleted after the test. */
  createNamespace(labels?: Readonly<Record<string, string>>): Promise<string>;
  /** Runs kubectl in the test's namespace; rejects when it exits with anything but 0. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  kubectlResult(args: readonly string[], input?: string): Promise<KubectlResult>;
  /** Runs after the test, however it ends, last one first. */
  cleanUp(action: () => Promise<unknown>): void;
}

/** One conformance test under its upstream name, in a namespace that is deleted afterwards. */
export function conformance(
  name: string,
  body: (c: Conformance) => Promise<void>,
  options: { readonly timeoutMs?: number } = {},
): void {
  // Upstream marks with [Serial] what looks at, or changes, more than its own namespace.
  const concurrent = !name.includes('[Serial]');
  const reason = inject('embedded') ? leftOut.get(name) : undefined;
  test(name, { concurrent, timeout: options.timeoutMs ?? 180_000 }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    await using held = new AsyncDisposableStack();
    await body(await prepare(held));
  });
}

async function prepare(held: AsyncDisposableStack): Promise<Conformance> {
  const kubeconfig = inject('kubeconfig');
  const api = await Api.connect(kubeconfig);
  const namespaces = new Resource<Namespace>(api, 'v1', 'namespaces');
  const createNamespace = async (labels: Readonly<Record<string, string>> = {}) => {
    const name = `conformance-${randomBytes(4).toString('hex')}`;
    await namespaces.create({
      metadata: {
        name,
        labels: { 'pod-security.kubernetes.io/enforce': 'privileged', ...labels },
      },
    });
    held.defer(async () => {
      if (await namespaces.find(name)) await namespaces.delete(name);
    });
    const accounts = new Resource<ServiceAccount>(api, 'v1', 'serviceaccounts', name);
    await until(`default service account in ${name}`, () => accounts.find('default'));
    return name;
  };
  const namespace = await createNamespace();
  const kubectlResult = (args: readonly string[], input?: string) =>
    kubectl(['--namespace', namespace, ...args], {
      kubeconfig,
      ...(input !== undefined && { input }),
    });
  return {
    api,
    namespace,
    namespaces,
    createNamespace,
    in: (groupVersion, plural) => new Resource(api, groupVersion, plural, namespace),
    all: (groupVersion, plural) => new Resource(api, groupVersion, plural),
    cleanUp: (action) => {
      held.defer(async () => {
        await action();
      });
    },
    kubectlResult,
    kubectl: async (args, input) => {
      const result = await kubectlResult(args, input);
      if (result.code !== 0) {
        throw new Error(`kubectl ${args.join(' ')}: exit ${result.code}\n${result.stderr}`);
      }
      return result.stdout;
    },
  };
}
