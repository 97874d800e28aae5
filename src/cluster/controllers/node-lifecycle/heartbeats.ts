import type { Node } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../api.ts';
import type { Clock } from '../clock.ts';
import type { Informer } from '../informer.ts';
import { metaOf } from '../object-meta.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';

/** node-monitor-grace-period, 50 s since 1.32. */
const GRACE_MS = 50_000;
/** A timer as late as this means that this very process stood still, and with it the kubelets. */
const STANDSTILL_MS = 5_000;

type Lease = KubeObject & { readonly spec?: { readonly renewTime?: string } };

/**
 * When each node was last heard of. What counts is when its lease was seen to change, on the clock
 * here: the kubelet's own may be wrong.
 */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #heardAt = new Map<string, number>();
  readonly #checkAt = new Map<string, number>();

  constructor(
    clock: Clock,
    { nodes, leases }: { readonly nodes: Informer<Node>; readonly leases: Informer<Lease> },
  ) {
    this.#clock = clock;
    leases.onChange(({ type, object, previous }) => {
      const { namespace, name } = metaOf(object);
      if (namespace !== 'kube-node-lease' || type === 'DELETED') return;
      if (object.spec?.renewTime !== previous?.spec?.renewTime) this.#hear(name);
    });
    nodes.onChange(({ type, object, previous }) => {
      const { name } = metaOf(object);
      if (type === 'DELETED') {
        this.#heardAt.delete(name);
        this.#checkAt.delete(name);
      } else if (!isSemanticallyEqual(heartbeats(object), previous && heartbeats(previous))) {
        this.#hear(name);
      }
    });
  }

  /** Milliseconds until the node counts as lost if nothing is heard of it; 0 when it is. */
  msUntilLost(name: string): number {
    const now = this.#clock.now();
    const checkAt = this.#checkAt.get(name) ?? now;
    if (now - checkAt > STANDSTILL_MS) this.#hear(name);
    const lostAt = (this.#heardAt.get(name) ?? now) + GRACE_MS;
    this.#checkAt.set(name, Math.max(now, lostAt));
    return Math.max(0, lostAt - now);
  }

  /** Nobody waits for the node any more until it is heard of again. */
  stopWaiting(name: string): void {
    this.#checkAt.delete(name);
  }

  #hear(name: string): void {
    this.#heardAt.set(name, this.#clock.now());
  }
}

function heartbeats({ status }: Node): unknown {
  return (status?.conditions ?? []).map(({ type, lastHeartbeatTime }) => [type, lastHeartbeatTime]);
}
