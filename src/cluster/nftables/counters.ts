import { readFile } from 'node:fs/promises';
import { shared, table } from './names.ts';
import { runNft } from './nft.ts';

/** What the kernel has counted of the connections with one mark. */
export interface Counted {
  readonly opened: number;
  readonly open: number;
  readonly toEndpoint: number;
  readonly fromEndpoint: number;
}

/** Reads all counters; a moment's work, so only when somebody asks. By mark. */
export async function readCounters(): Promise<ReadonlyMap<number, Counted>> {
  const [opened, toEndpoint, fromEndpoint, open] = await Promise.all([
    readSet(shared.opened),
    readSet(shared.toEndpoint),
    readSet(shared.fromEndpoint),
    openConnections(),
  ]);
  return new Map(
    Array.from(opened, ([mark, { packets }]) => [
      mark,
      {
        opened: packets,
        open: open.get(mark) ?? 0,
        toEndpoint: toEndpoint.get(mark)?.bytes ?? 0,
        fromEndpoint: fromEndpoint.get(mark)?.bytes ?? 0,
      },
    ]),
  );
}

interface Amount {
  readonly packets: number;
  readonly bytes: number;
}

interface ListedSet {
  readonly nftables: readonly {
    readonly set?: {
      readonly elem?: readonly {
        readonly elem: { readonly val: number; readonly counter: Amount };
      }[];
    };
  }[];
}

async function readSet(name: string): Promise<ReadonlyMap<number, Amount>> {
  const listed = JSON.parse(
    await runNft(['--json', '--numeric', `list set ${table} ${name}`]),
  ) as ListedSet;
  const elements = listed.nftables.flatMap(({ set }) => set?.elem ?? []);
  return new Map(elements.map(({ elem }) => [elem.val, elem.counter]));
}

// A line of conntrack's table says the state and, where there is one, the mark. Kernels may be built
// without the file; then nobody knows.
async function openConnections(): Promise<ReadonlyMap<number, number>> {
  const text = await readFile('/proc/self/net/nf_conntrack', 'utf8').catch(() => '');
  const open = new Map<number, number>();
  for (const line of text.split('\n')) {
    const mark = Number(/ mark=(\d+)/.exec(line)?.[1] ?? 0);
    if (mark === 0 || (/ tcp /.test(line) && !line.includes(' ESTABLISHED '))) continue;
    open.set(mark, (open.get(mark) ?? 0) + 1);
  }
  return open;
}
