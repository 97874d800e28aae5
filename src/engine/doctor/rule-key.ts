import type { AccessRule } from '../access/required-rules.ts';

/** Two rules of one key allow the same. */
export function ruleKey({ group, resource, verb }: AccessRule): string {
  return `${verb} ${resource}.${group}`;
}
