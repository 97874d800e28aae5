import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../../src/kube/index.ts';
import type { Place } from './combination.ts';

/** Asked twice: a write that was on its way when its process or its connection ended may come a moment later. */
export async function carriesRecord(kube: Kube, { namespace, pod }: Place): Promise<boolean> {
  for (const waitMs of [50, 0]) {
    const held = await kube.get<Pod>({ resource: 'pods', namespace, name: pod });
    if (held?.metadata?.annotations?.['pitstop.dev/session'] !== undefined) return true;
    await sleep(waitMs);
  }
  return false;
}
