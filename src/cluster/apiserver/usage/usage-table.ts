import type { KubeObject } from '../../api.ts';
import { canonicalQuantity } from '../../machinery/index.ts';
import type { PodUsage } from './usage.ts';
import { type IncludeObject, partialMetadata } from '../http/present.ts';

type Quantities = PodUsage['containers'][number]['usage'];

/** A PodMetrics or a NodeMetrics. */
export interface UsageObject extends KubeObject {
  readonly window: string;
  readonly usage?: Quantities;
  readonly containers?: readonly { readonly usage: Quantities }[];
}

const NAMES = ['cpu', 'memory'] as const;

/** The rows of `kubectl get podmetrics`: what all containers use together. */
export function usageTable(objects: readonly UsageObject[], includeObject: IncludeObject): object {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: [
      column('Name', 'name', 'Name of the resource'),
      ...NAMES.map((name) => column(name, 'quantity')),
      column('Window', 'duration'),
    ],
    rows: objects.map((object) => ({
      cells: [object.metadata?.name, ...NAMES.map((name) => total(object, name)), object.window],
      object: objectOf(object, includeObject),
    })),
  };
}

function column(name: string, format: string, description = ''): object {
  return { name, type: 'string', format, description, priority: 0 };
}

function objectOf(object: UsageObject, includeObject: IncludeObject): KubeObject | null {
  if (includeObject === 'None') return null;
  return includeObject === 'Object' ? object : partialMetadata(object);
}

/** The quantities of one measurement have one unit each. */
function total({ usage, containers = [] }: UsageObject, name: (typeof NAMES)[number]): string {
  const all = usage ? [usage] : containers.map((container) => container.usage);
  const texts = all.map((quantities) => quantities[name]);
  const unit = /[a-zA-Z]*$/.exec(texts[0] ?? '')?.[0] ?? '';
  const sum = texts.reduce((before, text) => before + Number.parseInt(text, 10), 0);
  return canonicalQuantity(`${sum}${unit}`) ?? `${sum}${unit}`;
}
