import type { PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import { isSemanticallyEqual } from '../semantic-equality.ts';

export const TEMPLATE_HASH_LABEL = 'pod-template-hash';

/** No vowels and no 0, 1, 3: what the digits of a hash are written in, so that no word comes out. */
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Names the ReplicaSet of a template: 8 to 10 characters that stay the same as long as the template
 * does; `collisionCount` gives another name to a template whose name is taken.
 */
export function templateHash(
  template: PodTemplateSpec,
  collisionCount: number | undefined,
): string {
  const text = canonicalJson(template) + (collisionCount === undefined ? '' : `#${collisionCount}`);
  const digits = String(fnv1a32(Buffer.from(text)));
  // A hash below 10^7 would be shorter than a hash is expected to be.
  return Array.from(digits.padStart(8, '0'), (digit) =>
    SAFE_ALPHABET.charAt(digit.charCodeAt(0) % SAFE_ALPHABET.length),
  ).join('');
}

/** Whether a ReplicaSet was made from the template: the label that the hash itself adds does not count. */
export function hasTemplate(
  { template: made }: { readonly template?: PodTemplateSpec | undefined },
  wanted: PodTemplateSpec,
): boolean {
  return isSemanticallyEqual(withoutHash(made), withoutHash(wanted));
}

function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const { [TEMPLATE_HASH_LABEL]: _, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}

function fnv1a32(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** JSON with sorted keys. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
