import type { Pod } from 'kubernetes-types/core/v1.js';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { milliValue } from '../../machinery/codec/quantity.ts';
import type { PodContext } from './pod-context.ts';
import { diskUsage } from './volumes/disk-usage.ts';

type Measured = Pick<PodContext, 'pod' | 'runs' | 'volumes' | 'directory'>;

/** A measurement that takes longer than the time to the next is not joined by another. */
export function oneAtATime(
  measure: (of: Measured) => Promise<string | undefined>,
): (of: Measured) => Promise<string | undefined> {
  let isBusy = false;
  return async (of) => {
    if (isBusy) return undefined;
    isBusy = true;
    return await measure(of).finally(() => (isBusy = false));
  };
}

/** Why the Pod must be evicted for the disk it uses, in the kubelet's words; undefined when it need not. */
export async function overuseOf(of: Measured): Promise<string | undefined> {
  const { volumes } = of;
  const pod = of.pod();
  const emptyDirs = volumes.emptyDirs();
  const used = new Map<string, number>();
  for (const { volume, path, limit } of emptyDirs) {
    if (limit === undefined && !hasLimits(pod)) continue;
    const bytes = await diskUsage(path);
    if (volume.emptyDir?.medium !== 'Memory') used.set(volume.name, bytes);
    if (limit !== undefined && bytes > limit)
      return `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${volume.emptyDir?.sizeLimit}". `;
  }
  return hasLimits(pod)
    ? await containerOveruse(pod, { ...of, volumeBytes: sum(used.values()) })
    : undefined;
}

async function containerOveruse(
  pod: Pod,
  { runs, directory, volumeBytes }: Measured & { readonly volumeBytes: number },
): Promise<string | undefined> {
  let total = volumeBytes;
  for (const run of runs) {
    const { name } = run.container;
    const bytes =
      (await writtenBy(join(directory, 'containers', name, `${run.restartCount}`))) +
      (run.log ? (statSync(run.log.path, { throwIfNoEntry: false })?.size ?? 0) : 0);
    total += bytes;
    const limit = run.container.resources?.limits?.['ephemeral-storage'];
    if (limit !== undefined && bytes > bytesOf(limit))
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `;
  }
  const limits = limitsOf(pod);
  const allow = sum(limits.map((limit) => bytesOf(limit ?? '0')));
  if (limits.every((limit) => limit !== undefined) && total > allow)
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${allow}. `;
  return undefined;
}

/** A container's own directories: what in its root it can write. */
async function writtenBy(directory: string): Promise<number> {
  const own = ['rootfs', 'homes', 'home', 'tmp', 'var-tmp', 'run'].map((name) =>
    diskUsage(join(directory, name)),
  );
  return sum(await Promise.all(own));
}

function limitsOf(pod: Pod): (string | undefined)[] {
  return (pod.spec?.containers ?? []).map(
    ({ resources }) => resources?.limits?.['ephemeral-storage'],
  );
}

function hasLimits(pod: Pod): boolean {
  return limitsOf(pod).some((limit) => limit !== undefined);
}

function bytesOf(quantity: string): number {
  return (milliValue(quantity) ?? 0) / 1000;
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((a, b) => a + b, 0);
}
