import type { Node, Taint } from 'kubernetes-types/core/v1.js';
import { timestamp } from '../clock.ts';

const PREFIX = 'node.kubernetes.io/';

const UNWELL: Readonly<Record<string, string>> = {
  MemoryPressure: 'memory-pressure',
  DiskPressure: 'disk-pressure',
  PIDPressure: 'pid-pressure',
  NetworkUnavailable: 'network-unavailable',
};

/** The taints that this controller alone decides about, as `key:effect`. */
const MANAGED = new Set([
  ...['not-ready', 'unreachable'].flatMap((name) => [
    `${PREFIX}${name}:NoSchedule`,
    `${PREFIX}${name}:NoExecute`,
  ]),
  ...[...Object.values(UNWELL), 'unschedulable'].map((name) => `${PREFIX}${name}:NoSchedule`),
]);

/**
 * The node's taints as its conditions ask for them; those of others stay. `evicts` is false while no
 * node is left that the Pods could go to. Returns the stored array itself when nothing changes.
 */
export function taintsFor(
  node: Node,
  { evicts, now }: { readonly evicts: boolean; readonly now: number },
): readonly Taint[] {
  const taints = node.spec?.taints ?? [];
  const wanted = wantedTaints(node, evicts);
  const kept = taints.filter((taint) => !MANAGED.has(idOf(taint)) || wanted.has(idOf(taint)));
  const known = new Set(kept.map(idOf));
  const missing = [...wanted.values()].filter((taint) => !known.has(idOf(taint)));
  if (missing.length === 0 && kept.length === taints.length) return taints;
  const timeAdded = timestamp(now);
  return [...kept, ...missing.map((taint) => ({ ...taint, timeAdded }))];
}

function wantedTaints(node: Node, evicts: boolean): Map<string, Taint> {
  const { conditions = [] } = node.status ?? {};
  const wanted: Taint[] = [];
  const want = (name: string, effect: string) => wanted.push({ key: PREFIX + name, effect });
  const { status: ready } = conditions.find(({ type }) => type === 'Ready') ?? {};
  const trouble = ready === 'False' ? 'not-ready' : 'unreachable';
  if (ready !== undefined && ready !== 'True') {
    want(trouble, 'NoSchedule');
    if (evicts) want(trouble, 'NoExecute');
  }
  for (const { type, status } of conditions) {
    const name = UNWELL[type];
    if (name && status === 'True') want(name, 'NoSchedule');
  }
  if (node.spec?.unschedulable) want('unschedulable', 'NoSchedule');
  return new Map(wanted.map((taint) => [idOf(taint), taint]));
}

function idOf({ key, effect }: Taint): string {
  return `${key}:${effect}`;
}
