import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.js';

import type { GroupVersionKind } from '../group-version-kind.ts';
import { isObject } from '../json-value.ts';

export type { ManagedFieldsEntry };

export interface RecordUpdateOptions {
  readonly gvk: GroupVersionKind;
  /** The stored object, `undefined` on create. */
  readonly live: unknown;
  readonly next: unknown;
  readonly manager: string;
  readonly subresource?: string | undefined;
  /** RFC 3339, whole seconds, as creationTimestamp. */
  readonly time: string;
}

/** `metadata.managedFields` of `next` after `manager` replaced `live` by it. */
export function recordUpdate(options: RecordUpdateOptions): ManagedFieldsEntry[] {
  const source = isObject(options.live) ? options.live : options.next;
  const metadata = isObject(source) && isObject(source['metadata']) ? source['metadata'] : {};
  return (metadata['managedFields'] as ManagedFieldsEntry[] | undefined) ?? [];
}
