import type { Pod } from 'kubernetes-types/core/v1.js';
import { bytesOf } from './quantity.ts';

/** The container's memory as its cgroup (else its spec) says; page cache that can be dropped is not used. */
export interface ContainerMemory {
  readonly limitBytes: number;
  readonly usedBytes: number;
}

/** What `sh` runs to print limit, use and reclaimable page cache of the cgroup (v2, then v1) of the
 * container whose files lie under `$root`. */
export const memoryScript = `
c=$root/sys/fs/cgroup
if [ -r "$c/memory.max" ]; then
  cat "$c/memory.max" "$c/memory.current" 2>/dev/null
  sed -n 's/^inactive_file //p' "$c/memory.stat" 2>/dev/null
elif [ -r "$c/memory/memory.limit_in_bytes" ]; then
  cat "$c/memory/memory.limit_in_bytes" "$c/memory/memory.usage_in_bytes" 2>/dev/null
  sed -n 's/^total_inactive_file //p' "$c/memory/memory.stat" 2>/dev/null
fi`;

/** cgroup v1 says "no limit" as the largest multiple of a page. */
const noLimit = 2 ** 62;

/** Reads what the script printed; undefined where the cgroup has no limit. */
export function parseCgroupMemory(text: string): ContainerMemory | undefined {
  const [max = NaN, current = NaN, reclaimable = 0] = text.trim().split(/\s+/).map(Number);
  if (!(max < noLimit && Number.isFinite(current))) return undefined;
  return { limitBytes: max, usedBytes: Math.max(0, current - reclaimable) };
}

/**
 * The same. Without a limit in the cgroup the container's spec has one perhaps, of which then `residentBytes` are known to be used; undefined without any limit.
 */
export function parseMemory(
  text: string,
  {
    pod,
    container,
    residentBytes,
  }: {
    readonly pod: Pod;
    readonly container: string;
    readonly residentBytes: number;
  },
): ContainerMemory | undefined {
  const ofCgroup = parseCgroupMemory(text);
  if (ofCgroup) return ofCgroup;
  const limitBytes = specLimit(pod, container);
  return limitBytes === undefined ? undefined : { limitBytes, usedBytes: residentBytes };
}

/** KEP-2837: the Pod may have a limit of its own, for all its containers together. */
function specLimit({ spec }: Pod, container: string): number | undefined {
  const own = spec?.containers.find(({ name }) => name === container)?.resources;
  const { resources } = (spec ?? {}) as { readonly resources?: typeof own };
  const bytes = [own, resources].flatMap((of) => {
    const limit = of?.limits?.['memory'];
    return limit === undefined ? [] : (bytesOf(limit) ?? []);
  });
  return bytes.length > 0 ? Math.min(...bytes) : undefined;
}
