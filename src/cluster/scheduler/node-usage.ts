import type { Node, Pod } from 'kubernetes-types/core/v1.js';
import type { Informer } from '../controllers/informer.ts';
import { controllerOf, metaOf } from '../controllers/object-meta.ts';
import { isPodTerminal } from '../controllers/pod-status.ts';
import { add, type Amounts, requestsOf } from './requests.ts';

/** A node with what runs on it. */
export interface Candidate {
  readonly node: Node;
  readonly name: string;
  /** Those that have not ended, terminating ones included. */
  readonly pods: ReadonlySet<Pod>;
  /** What all of them ask for. */
  readonly requested: Amounts;
  /** The same, as if each asked for a little at least: a Pod that says nothing is not free. */
  readonly estimated: Amounts;
  /** How many Pods of one controller run here. */
  readonly siblings: ReadonlyMap<string, number>;
}

/** What a Pod without requests is taken to need: 0.1 CPU and 200 MB, in thousandths. */
const GUESS: Amounts = { cpu: 100, memory: 200 * 1024 * 1024 * 1000 };

export function estimateOf(pod: Pod): Amounts {
  const { cpu, memory } = requestsOf(pod);
  return { cpu: cpu ?? GUESS['cpu'] ?? 0, memory: memory ?? GUESS['memory'] ?? 0 };
}

class Usage {
  readonly pods = new Set<Pod>();
  readonly requested: Record<string, number> = {};
  readonly estimated: Record<string, number> = {};
  readonly siblings = new Map<string, number>();

  count(pod: Pod, sign: 1 | -1): void {
    if (sign === 1) this.pods.add(pod);
    else if (!this.pods.delete(pod)) return;
    add(this.requested, requestsOf(pod), sign);
    add(this.estimated, estimateOf(pod), sign);
    const owner = controllerOf(pod)?.uid;
    if (owner) this.siblings.set(owner, (this.siblings.get(owner) ?? 0) + sign);
    if (owner && this.siblings.get(owner) === 0) this.siblings.delete(owner);
  }
}

/** Keeps count of what runs on each node, so that placing a Pod does not walk all others. */
export class NodeUsage {
  readonly #byNode = new Map<string, Usage>();
  readonly #stored = new Map<string, Pod>();
  /** Pods on nodes that keep others away, or draw them near. */
  readonly #withAffinity = new Set<Pod>();

  constructor(pods: Informer<Pod>) {
    pods.onChange(({ type, object }) => {
      const { uid } = metaOf(object);
      const before = this.#stored.get(uid);
      if (before) this.#count(before, -1);
      const isRunning = type !== 'DELETED' && object.spec?.nodeName && !isPodTerminal(object);
      if (isRunning) {
        this.#stored.set(uid, object);
        this.#count(object, 1);
      } else this.#stored.delete(uid);
    });
  }

  candidates(nodes: Iterable<Node>): Candidate[] {
    return Array.from(nodes, (node) => {
      const { name } = metaOf(node);
      const { pods, requested, estimated, siblings } = this.#byNode.get(name) ?? new Usage();
      return { node, name, pods, requested, estimated, siblings };
    });
  }

  withAffinity(): ReadonlySet<Pod> {
    return this.#withAffinity;
  }

  #count(pod: Pod, sign: 1 | -1): void {
    const name = pod.spec?.nodeName ?? '';
    let usage = this.#byNode.get(name);
    if (!usage) this.#byNode.set(name, (usage = new Usage()));
    usage.count(pod, sign);
    if (usage.pods.size === 0) this.#byNode.delete(name);
    const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
    if (!podAffinity && !podAntiAffinity) return;
    if (sign === 1) this.#withAffinity.add(pod);
    else this.#withAffinity.delete(pod);
  }
}
