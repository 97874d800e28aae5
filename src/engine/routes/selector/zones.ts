import type { Node, Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { KubeError, type Kube } from '../../../kube/index.ts';

const zoneLabel = 'topology.kubernetes.io/zone';

/**
 * The zones of nodes, as slices tell them already; only a node that no slice knows is asked for, and
 * where the user may not see nodes its endpoints have no zone.
 */
export class Zones {
  readonly #kube: Kube;
  readonly #known = new Map<string, string | undefined>();

  constructor(kube: Kube) {
    this.#kube = kube;
  }

  async of(
    pods: readonly Pod[],
    slices: readonly EndpointSlice[],
  ): Promise<ReadonlyMap<string, string>> {
    for (const { nodeName, zone } of slices.flatMap(({ endpoints }) => endpoints ?? [])) {
      // Mirrored slices have nodes, but never zones.
      if (nodeName && zone) this.#known.set(nodeName, zone);
    }
    const names = new Set(pods.flatMap(({ spec }) => (spec?.nodeName ? [spec.nodeName] : [])));
    await Promise.all(
      [...names].filter((name) => !this.#known.has(name)).map((name) => this.#ask(name)),
    );
    return new Map(
      [...this.#known].flatMap(([name, zone]) => (zone === undefined ? [] : [[name, zone]])),
    );
  }

  async #ask(name: string): Promise<void> {
    try {
      const node = await this.#kube.get<Node>({ resource: 'nodes', name });
      this.#known.set(name, node?.metadata?.labels?.[zoneLabel]);
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 'forbidden') throw error;
      this.#known.set(name, undefined);
    }
  }
}
