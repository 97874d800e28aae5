import type { Cluster } from '../../../src/cluster/index.ts';
import type { Kube } from '../../../src/kube/index.ts';
import { startBox, type BoxFile } from './box.ts';
import { bring, judge, makeHome, Tally } from './bring.ts';
import type { Random } from './random.ts';

const mebibyte = 1024 * 1024;

/** Stands in the command of the exec that serves a file, and of no other. */
export const servingExec = 'hash_every';

/**
 * Collects files of which the stream is cut at random bytes, `count` of them, in lanes side by side:
 * it ends with status Success, without any status, or stands still for `stallMs` first.
 */
export async function cutStreams(
  { kube, cluster, random }: { readonly kube: Kube; readonly cluster: Cluster; random: Random },
  {
    count,
    lanes,
    stalls,
    stallMs,
    largestMebibytes,
  }: {
    readonly count: number;
    readonly lanes: number;
    /** How many of them stand still. */
    readonly stalls: number;
    readonly stallMs: number;
    readonly largestMebibytes: number;
  },
): Promise<{ readonly tally: Tally; readonly struck: number }> {
  const tally = new Tally();
  let struck = 0;
  // Decided before the lanes race each other: the seed alone tells what happens.
  const cases = Array.from({ length: count }, (_, nth) => {
    const ending = nth < stalls ? ('stall' as const) : random.pick(['success', 'silent'] as const);
    const compress = random.pick(['none', 'none', 'auto', 'gzip', 'zstd'] as const);
    const sizes = [1, 3 * mebibyte + 1, largestMebibytes * mebibyte + random.below(mebibyte)];
    const sizeBytes = random.pick(sizes.slice(nth % 8 === 0 ? 0 : 1));
    // Compressed, half of it travels.
    const cutAtByte = random.below(compress === 'none' ? sizeBytes : sizeBytes / 2);
    return { nth, ending, compress, sizeBytes, cutAtByte, times: 1 + random.below(3) };
  });
  const lane = async (number: number): Promise<void> => {
    const box = await startBox(kube, `box-${random.seed}-${number}`);
    const made = new Map<number, BoxFile>();
    for (let next = cases.pop(); next; next = cases.pop()) {
      const { ending, compress, sizeBytes, cutAtByte, times, nth } = next;
      let file = made.get(sizeBytes);
      if (!file) made.set(sizeBytes, (file = await box.fill(`/data/f${sizeBytes}`, sizeBytes)));
      const { namespace, pod } = box;
      const what = `case ${nth} (${ending} at ${cutAtByte} of ${sizeBytes}, ${compress}, ${times} times)`;
      await tally.run(what, async () => {
        await using home = await makeHome();
        const fault = await cluster.faults.add({
          kind: 'exec',
          match: { namespace, pod, command: servingExec },
          cutAtByte,
          ending,
          ...(ending === 'stall' && { stallMs }),
          times: ending === 'stall' ? 1 : times,
        });
        const where = { box, file, home };
        const outcome = await judge(await bring(kube, where, { compress }), file, home);
        if ((await fault.fired()) > 0) struck += 1;
        await fault.remove();
        if (outcome === 'whole') return outcome;
        const again = await judge(await bring(kube, where, { compress }), file, home);
        if (again !== 'whole') throw new Error(`${outcome}, then without any fault ${again}`);
        return `${outcome}, whole by the same command again`;
      });
      if (sizeBytes > 4 * mebibyte) {
        made.delete(sizeBytes);
        await box.sh(`rm -f ${file.path}`);
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  return { tally, struck };
}
