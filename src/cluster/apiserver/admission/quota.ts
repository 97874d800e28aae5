import type {
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  Service,
} from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../api.ts';
import { canonicalQuantity, milliValue } from '../../machinery/codec/quantity.ts';
import { add, type Amounts, amounts, requestsOf } from '../../scheduler/requests.ts';
import type { Store } from '../../store/index.ts';
import type { Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { forbidden } from '../words.ts';

type Kind = Pick<Resource, 'plural' | 'group'>;

/** Throws 403 when the new object would take more than a quota of its namespace leaves. */
export function admitWithinQuota(store: Store, resource: Resource, draft: Draft): void {
  const { namespace = '', name, generateName } = draft.metadata;
  for (const { object } of store.collection('resourcequotas').entries(namespace)) {
    const quota = object as ResourceQuota;
    if (isScoped(quota)) continue;
    const hard = amounts(quota.spec?.hard);
    const asked = chargesOf(resource, draft);
    const names = Object.keys(asked)
      .filter((each) => hard[each] !== undefined)
      .sort();
    if (names.length === 0) continue;
    const used: Record<string, number> = {};
    for (const entry of store.collection(resource.plural).entries(namespace)) {
      add(used, chargesOf(resource, entry.object));
    }
    const over = names.filter(
      (each) => (used[each] ?? 0) + (asked[each] ?? 0) > (hard[each] ?? Infinity),
    );
    if (over.length === 0) continue;
    const list = (all: Amounts): string =>
      over.map((each) => `${each}=${quantityOf(all[each] ?? 0)}`).join(',');
    throw forbidden(
      resource,
      name ?? generateName ?? '',
      `exceeded quota: ${quota.metadata?.name}, requested: ${list(asked)}, used: ${list(used)}, limited: ${list(hard)}`,
    );
  }
}

/** Quotas for a part of the Pods only are left alone: they neither count nor refuse. */
export function isScoped({ spec }: ResourceQuota): boolean {
  return (spec?.scopes ?? []).length > 0 || spec?.scopeSelector !== undefined;
}

const COUNTED = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

/** What an object takes of the quotas of its namespace, by their names, in thousandths. */
export function chargesOf({ plural, group }: Kind, object: KubeObject): Amounts {
  const charges: Record<string, number> = { [countName({ plural, group })]: 1000 };
  if (group !== '') return charges;
  if (COUNTED.has(plural)) charges[plural] = 1000;
  if (plural === 'pods') Object.assign(charges, podCharges(object as Pod));
  if (plural === 'services') Object.assign(charges, serviceCharges(object as Service));
  if (plural === 'persistentvolumeclaims') {
    const { spec } = object as PersistentVolumeClaim;
    charges['requests.storage'] = milliValue(spec?.resources?.requests?.['storage'] ?? '0') ?? 0;
  }
  return charges;
}

export function countName({ plural, group }: Kind): string {
  return `count/${plural}${group && `.${group}`}`;
}

export function quantityOf(milli: number): string {
  return canonicalQuantity(`${milli}m`) ?? '0';
}

/** One that has ended takes nothing any more. */
function podCharges(pod: Pod): Amounts {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return {};
  const charges: Record<string, number> = { pods: 1000 };
  const limits: Record<string, number> = {};
  for (const { resources } of pod.spec?.containers ?? []) add(limits, amounts(resources?.limits));
  for (const [name, amount] of Object.entries(requestsOf(pod))) {
    charges[`requests.${name}`] = amount;
    if (name === 'cpu' || name === 'memory') charges[name] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) charges[`limits.${name}`] = amount;
  return charges;
}

function serviceCharges({ spec }: Service): Amounts {
  const isBalanced = spec?.type === 'LoadBalancer';
  if (!isBalanced && spec?.type !== 'NodePort') return {};
  const nodePorts = (spec.ports ?? []).length * 1000;
  return { 'services.nodeports': nodePorts, ...(isBalanced && { 'services.loadbalancers': 1000 }) };
}
