import { readdirSync, readFileSync } from 'node:fs';

/** What processes use: memory now, processor time since each began. */
export interface Usage {
  readonly memoryBytes: number;
  readonly cpuMs: number;
}

/** The kernel counts processor time in hundredths of a second, on every machine there is. */
const TICK_MS = 10;

/** Of a process and all that descend from it; nothing where there is no /proc. */
export function usageOf(pid: number, table: ProcessTable = readProcesses()): Usage {
  const sum = { memoryBytes: 0, cpuMs: 0 };
  const add = (one: number): void => {
    const found = table.get(one);
    if (!found) return;
    sum.memoryBytes += found.memoryBytes;
    sum.cpuMs += found.cpuMs;
    for (const child of found.children) add(child);
  };
  add(pid);
  return sum;
}

type ProcessTable = ReadonlyMap<number, Usage & { readonly children: readonly number[] }>;

/** All processes there are, read once for many questions. */
export function readProcesses(): ProcessTable {
  const table = new Map<number, Usage & { children: number[] }>();
  const parents = new Map<number, number>();
  for (const name of namesIn('/proc')) {
    const pid = Number(name);
    const stat = read(`/proc/${name}/stat`);
    // proc(5): the command, in parentheses, may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields.length < 22) continue;
    parents.set(pid, Number(fields[1]));
    // Of the dead among its children it counts those it has waited for.
    const ticks = [11, 12, 13, 14].reduce((total, index) => total + Number(fields[index]), 0);
    table.set(pid, {
      memoryBytes: Number(fields[21]) * 4096,
      cpuMs: ticks * TICK_MS,
      children: [],
    });
  }
  for (const [pid, parent] of parents) table.get(parent)?.children.push(pid);
  return table;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
