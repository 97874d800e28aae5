import type { PodStatus } from 'kubernetes-types/core/v1.js';
import { isDeepStrictEqual } from 'node:util';

/** Conditions are merged by type: what a condition no longer says has to be taken away explicitly. */
export function patchOf(status: PodStatus, stored: PodStatus | undefined): unknown {
  const conditions = status.conditions?.map((condition) => {
    const before = stored?.conditions?.find(({ type }) => type === condition.type);
    return {
      ...(before?.reason !== undefined && { reason: null }),
      ...(before?.message !== undefined && { message: null }),
      ...condition,
    };
  });
  return {
    ...status,
    conditions,
    ...(status.podIPs && { podIPs: addresses(status.podIPs, stored?.podIPs) }),
    ...(status.hostIPs && { hostIPs: addresses(status.hostIPs, stored?.hostIPs) }),
  };
}

/** Addresses are merged by themselves: those of an earlier sandbox have to be taken away. */
function addresses(
  now: readonly { readonly ip?: string }[],
  stored: readonly { readonly ip?: string }[] = [],
): readonly object[] {
  const gone = stored.filter(({ ip }) => !now.some((one) => one.ip === ip));
  return [...now, ...gone.map(({ ip }) => ({ ip, $patch: 'delete' }))];
}

/** Whether somebody else has changed what the kubelet owns. */
export function differs(stored: PodStatus | undefined, ours: PodStatus): boolean {
  const outline = (status: PodStatus | undefined) => [
    status?.phase,
    status?.podIP,
    (ours.conditions ?? []).map(
      ({ type }) => status?.conditions?.find((condition) => condition.type === type)?.status,
    ),
    (status?.containerStatuses ?? []).map(({ name, ready, restartCount }) => [
      name,
      ready,
      restartCount,
    ]),
  ];
  return !isDeepStrictEqual(outline(stored), outline(ours));
}
