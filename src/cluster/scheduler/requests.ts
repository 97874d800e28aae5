import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { milliValue } from '../machinery/codec/quantity.ts';

/** Thousandths of `cpu`, of bytes of `memory`, of whatever else is asked for. */
export type Amounts = Readonly<Record<string, number>>;

/** What the Pod asks its node for; worked out once for each stored Pod. */
export function requestsOf(pod: Pod): Amounts {
  let requests = known.get(pod);
  if (!requests) known.set(pod, (requests = sumUp(pod)));
  return requests;
}

const known = new WeakMap<Pod, Amounts>();

/** `resources` of the whole Pod is newer than the types. */
type Spec = NonNullable<Pod['spec']> & {
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
};

/**
 * KEP-753: containers and sidecars run side by side; an init container runs beside the sidecars
 * started before it. KEP-2837: what the Pod asks for as a whole counts instead.
 */
function sumUp({ spec }: Pod): Amounts {
  const {
    initContainers = [],
    containers = [],
    overhead = {},
    resources,
  } = (spec ?? {}) as Partial<Spec>;
  const running: Record<string, number> = {};
  const peak: Record<string, number> = {};
  for (const container of initContainers) {
    const own = amounts(container.resources?.requests);
    if (isSidecar(container)) add(running, own);
    else raise(peak, sum(running, own));
  }
  for (const container of containers) add(running, amounts(container.resources?.requests));
  raise(peak, running);
  Object.assign(peak, amounts(resources?.requests));
  return sum(peak, amounts(overhead));
}

export function amounts(quantities: Readonly<Record<string, string>> | undefined): Amounts {
  return Object.fromEntries(
    Object.entries(quantities ?? {}).map(([name, amount]) => [name, milliValue(amount) ?? 0]),
  );
}

export function isSidecar(container: Container): boolean {
  return (container as { readonly restartPolicy?: string }).restartPolicy === 'Always';
}

export function add(total: Record<string, number>, more: Amounts, sign: 1 | -1 = 1): void {
  for (const [name, amount] of Object.entries(more)) {
    total[name] = (total[name] ?? 0) + sign * amount;
  }
}

function sum(a: Amounts, b: Amounts): Amounts {
  const total = { ...a };
  add(total, b);
  return total;
}

function raise(total: Record<string, number>, other: Amounts): void {
  for (const [name, amount] of Object.entries(other)) {
    total[name] = Math.max(total[name] ?? 0, amount);
  }
}
