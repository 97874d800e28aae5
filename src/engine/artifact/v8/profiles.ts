import { plural } from '../../words.ts';
import { rank, type Findings, type FindingsTable } from '../findings.ts';
import type { FormatCheck } from '../format-check.ts';
import { createJsonDocumentCheck } from './json-document.ts';

interface CallFrame {
  readonly functionName?: string;
  readonly url?: string;
  /** From 0. */
  readonly lineNumber?: number;
}

/** `.cpuprofile` of V8's inspector; times in microseconds. */
interface CpuProfile {
  readonly nodes?: readonly {
    readonly id?: number;
    readonly callFrame?: CallFrame;
    readonly hitCount?: number;
  }[];
  readonly startTime?: number;
  readonly endTime?: number;
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

export function createCpuProfileCheck(): FormatCheck {
  return createJsonDocumentCheck('CPU profile', (document, top): Findings => {
    const {
      nodes = [],
      samples = [],
      timeDeltas = [],
      startTime = 0,
      endTime = 0,
    } = document as CpuProfile;
    const nameOf = new Map(nodes.map(({ id = -1, callFrame }) => [id, frameName(callFrame)]));
    const sums = new Map<string, { count: number; value: number }>();
    for (const [at, id] of samples.entries()) {
      // A sample's time is until the next one; the deltas are since the one before.
      const microseconds = timeDeltas[at + 1] ?? 0;
      add(sums, nameOf.get(id) ?? '?', { count: 1, value: Math.max(0, microseconds) * 1000 });
    }
    const seconds = ((endTime - startTime) / 1e6).toFixed(1);
    return {
      facts: [
        `${plural(samples.length, 'sample')} in ${seconds} s, ${plural(nodes.length, 'call')}`,
      ],
      tables: table(sums, { title: 'Functions by self time', unit: 'nanoseconds', top }),
    };
  });
}

interface AllocationNode {
  readonly callFrame?: CallFrame;
  readonly selfSize?: number;
  readonly children?: readonly AllocationNode[];
}

/** `.heapprofile`: what the sampling heap profiler saw allocated and not collected. */
export function createHeapProfileCheck(): FormatCheck {
  return createJsonDocumentCheck('heap profile', (document, top): Findings => {
    const { head, samples = [] } = document as {
      readonly head?: AllocationNode;
      readonly samples?: readonly unknown[];
    };
    const sums = new Map<string, { value: number }>();
    const waiting = head ? [head] : [];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      if ((node.selfSize ?? 0) > 0) {
        add(sums, frameName(node.callFrame), { value: node.selfSize ?? 0 });
      }
      waiting.push(...(node.children ?? []));
    }
    return {
      facts: [plural(samples.length, 'sample')],
      tables: table(sums, { title: 'Functions by what they allocated', unit: 'bytes', top }),
    };
  });
}

/** speedscope.app/file-format-schema.json, as py-spy writes it. */
interface Speedscope {
  readonly shared?: {
    readonly frames?: readonly { name?: string; file?: string; line?: number }[];
  };
  readonly profiles?: readonly {
    readonly unit?: string;
    readonly samples?: readonly (readonly number[])[];
    readonly weights?: readonly number[];
  }[];
}

const toNanoseconds: Readonly<Record<string, number>> = {
  nanoseconds: 1,
  microseconds: 1e3,
  milliseconds: 1e6,
  seconds: 1e9,
};

export function createSpeedscopeCheck(): FormatCheck {
  return createJsonDocumentCheck('speedscope profile', (document, top): Findings => {
    const { shared, profiles = [] } = document as Speedscope;
    const frames = shared?.frames ?? [];
    const sums = new Map<string, { count: number; value: number }>();
    let samples = 0;
    for (const profile of profiles) {
      const factor = toNanoseconds[profile.unit ?? ''] ?? 0;
      for (const [at, stack] of (profile.samples ?? []).entries()) {
        samples += 1;
        const { name = '?', file, line } = frames[stack.at(-1) ?? -1] ?? {};
        const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
        const value = (profile.weights?.[at] ?? 0) * factor;
        add(sums, `${name}${place}`, { count: 1, value });
      }
    }
    return {
      facts: [`${plural(samples, 'sample')} of ${plural(profiles.length, 'thread')}`],
      tables: table(sums, { title: 'Functions by self time', unit: 'nanoseconds', top }),
    };
  });
}

function frameName({ functionName = '', url = '', lineNumber = -1 }: CallFrame = {}): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} (${url}:${lineNumber + 1})`;
}

function add<Sum extends { count?: number; value: number }>(
  sums: Map<string, Sum>,
  name: string,
  more: Sum,
): void {
  const sum = sums.get(name);
  if (!sum) sums.set(name, more);
  else {
    sum.value += more.value;
    if (sum.count !== undefined) sum.count += more.count ?? 0;
  }
}

function table(
  sums: ReadonlyMap<string, { count?: number; value: number }>,
  about: Pick<FindingsTable, 'title' | 'unit'> & { readonly top: number },
): FindingsTable[] {
  if (sums.size === 0) return [];
  const rows = [...sums].map(([name, sum]) => ({ name, ...sum }));
  return [rank(rows, { ...about, noun: 'function' })];
}
