import type { FieldSet } from './field-set.ts';

/**
 * What a version calls fields that the stored version calls otherwise. Upstream converts whole
 * objects and compares in each manager's version; where versions differ by names only, names are enough.
 */
const renamed: Readonly<Record<string, readonly (readonly [own: string, stored: string])[]>> = {
  'autoscaling/v1': [['f:spec f:targetCPUUtilizationPercentage', 'f:spec f:metrics']],
  'events.k8s.io/v1': [
    ['f:regarding', 'f:involvedObject'],
    ['f:note', 'f:message'],
    ['f:reportingController', 'f:reportingComponent'],
    ['f:deprecatedSource', 'f:source'],
    ['f:deprecatedFirstTimestamp', 'f:firstTimestamp'],
    ['f:deprecatedLastTimestamp', 'f:lastTimestamp'],
    ['f:deprecatedCount', 'f:count'],
  ],
};

/** A manager's fields, written in one version of a kind, as another version names them. */
export function inVersion(set: FieldSet, from: string, to: string): FieldSet {
  if (from === to || (!renamed[from] && !renamed[to])) return set;
  let result = set;
  for (const [own, stored] of renamed[from] ?? []) result = move(result, own, stored);
  for (const [own, stored] of renamed[to] ?? []) result = move(result, stored, own);
  return result;
}

function move(set: FieldSet, from: string, to: string): FieldSet {
  const [head = '', leaf] = from.split(' ');
  const inner = set[head];
  if (inner === undefined) return set;
  if (leaf === undefined) {
    const { [head]: _, ...rest } = set;
    return { ...rest, [to]: inner };
  }
  return { ...set, [head]: move(inner, leaf, to.split(' ')[1] ?? '') };
}
