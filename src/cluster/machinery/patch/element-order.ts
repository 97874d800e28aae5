import { isEqual, isObject } from '../json-value.ts';

/** Splits a list's items into those the order names and those only the server has; both keep their order. */
export function partition(
  items: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): { listed: unknown[]; others: unknown[] } {
  const listed: unknown[] = [];
  const others: unknown[] = [];
  for (const item of items) (indexOf(order, item, mergeKey) >= 0 ? listed : others).push(item);
  return { listed, others };
}

/** The items in the order in which `order` names them. */
export function sortedLike(
  items: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  return items.toSorted((a, b) => indexOf(order, a, mergeKey) - indexOf(order, b, mergeKey));
}

/**
 * Weaves two lists without common items: a server item comes first only where the server had both
 * in that order, so that new items of the patch lead.
 */
export function inServerOrder(
  serverItems: readonly unknown[],
  patchItems: readonly unknown[],
  { serverOrder, mergeKey }: { serverOrder: readonly unknown[]; mergeKey: string | undefined },
): unknown[] {
  const woven: unknown[] = [];
  let server = 0;
  let patch = 0;
  while (server < serverItems.length || patch < patchItems.length) {
    if (patch >= patchItems.length) woven.push(serverItems[server++]);
    else if (server >= serverItems.length) woven.push(patchItems[patch++]);
    else {
      const serverIndex = indexOf(serverOrder, serverItems[server], mergeKey);
      const patchIndex = indexOf(serverOrder, patchItems[patch], mergeKey);
      const isServerFirst = serverIndex >= 0 && patchIndex >= 0 && serverIndex < patchIndex;
      woven.push(isServerFirst ? serverItems[server++] : patchItems[patch++]);
    }
  }
  return woven;
}

function indexOf(list: readonly unknown[], item: unknown, mergeKey: string | undefined): number {
  if (mergeKey !== undefined && isObject(item)) {
    const value = item[mergeKey];
    return list.findIndex((one) => isObject(one) && isEqual(one[mergeKey], value));
  }
  return list.indexOf(item);
}
