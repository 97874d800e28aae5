import type { Container } from 'kubernetes-types/core/v1.js';
import type { LabelSelector, ObjectMeta } from 'kubernetes-types/meta/v1.js';

/** What a printer is given besides the object. */
export interface PrintContext {
  readonly now: Date;
  /** Age of the object, `<unknown>` before it is stored. */
  readonly age: string;
}

/** One row's cells in the order of the resource's columns; the first is the name where there is one. */
export type Printer = (object: never, context: PrintContext) => readonly unknown[];

export const none = '<none>';

export interface Named {
  readonly metadata?: ObjectMeta;
}

export function nameOf({ metadata }: Named): string {
  return metadata?.name ?? '';
}

/** `a=b,c=d`, sorted; `<none>` for no labels. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? none : pairs.sort().join(',');
}

/** A label selector in the syntax of `-l`. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (!selector) return none;
  const requirements = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    const list = `(${values.toSorted().join(',')})`;
    switch (operator) {
      case 'In':
        return `${key} in ${list}`;
      case 'NotIn':
        return `${key} notin ${list}`;
      case 'DoesNotExist':
        return `!${key}`;
      default:
        return key;
    }
  });
  const labels = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]) => `${key}=${value}`,
  );
  const all = [...labels, ...requirements].sort();
  return all.length === 0 ? none : all.join(',');
}

export function containerNames(containers: readonly Container[] | undefined): string {
  return (containers ?? []).map(({ name }) => name).join(',');
}

export function containerImages(containers: readonly Container[] | undefined): string {
  return (containers ?? []).map(({ image = '' }) => image).join(',');
}

/** The first three, and how many more there are. */
export function firstThree(items: readonly string[], whenEmpty: string): string {
  if (items.length === 0) return whenEmpty;
  const shown = items.slice(0, 3).join(',');
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}
