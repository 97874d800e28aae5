import type { ResourceQuota } from 'kubernetes-types/core/v1.js';
import { chargesOf, countName, isScoped, quantityOf } from '../apiserver/admission/quota.ts';
import { add } from '../scheduler/requests.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import type { Informer } from './informer.ts';
import { metaOf, parseQueueKey, queueKey } from './object-meta.ts';
import type { Controller, ControllerContext } from './runner.ts';
import { isSemanticallyEqual } from './semantic-equality.ts';
import { COLLECTED_KINDS } from './served-kinds.ts';

const KINDS = COLLECTED_KINDS.filter(({ isNamespaced }) => isNamespaced);

/** Says of each quota how much of it is used; that nobody uses more is up to the admission. */
export function quotaController({ api, informers }: ControllerContext): Controller {
  const quotas = informers.of('resourcequotas') as unknown as Informer<ResourceQuota>;
  const byNamespace = quotas.index(({ metadata }) => [metadata?.namespace ?? '']);

  return {
    name: 'resource-quota',
    watch(queue) {
      for (const { resource } of KINDS) {
        informers.of(resource).onChange(({ object }) => {
          const { namespace = '' } = metaOf(object);
          for (const quota of byNamespace.get(namespace)) queue.add(queueKey(quota));
        });
      }
    },
    reconcile(key) {
      const quota = quotas.get(parseQueueKey(key));
      if (!quota || isScoped(quota)) return;
      const { hard = {} } = quota.spec ?? {};
      const total = usage(metaOf(quota).namespace ?? '', Object.keys(hard));
      const used = Object.fromEntries(
        Object.keys(hard).map((name) => [name, quantityOf(total[name] ?? 0)]),
      );
      if (isSemanticallyEqual({ hard, used }, quota.status)) return;
      api.update(
        'resourcequotas',
        { ...quota, status: { hard, used } },
        { subresource: 'status', fieldManager: FIELD_MANAGER },
      );
    },
  };

  function usage(namespace: string, names: readonly string[]): Record<string, number> {
    const total: Record<string, number> = {};
    for (const { resource: plural, group } of KINDS) {
      const isCore = group === '' && !plural.startsWith('event');
      if (!isCore && !names.includes(countName({ plural, group }))) continue;
      for (const object of api.list(plural, { namespace })) {
        add(total, chargesOf({ plural, group }, object));
      }
    }
    return total;
  }
}
