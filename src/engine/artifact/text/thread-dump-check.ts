import { plural } from '../../words.ts';
import { rank, type FindingsTable } from '../findings.ts';
import { truncated, type FormatCheck } from '../format-check.ts';
import { createLineCheck } from './lines.ts';

/**
 * How a runtime prints its threads: the line that begins one, its state if that line (or another)
 * tells it, and a frame. The first frame of a thread is where it is.
 */
interface Dialect {
  readonly begins: RegExp;
  readonly state?: RegExp;
  readonly frame: RegExp;
  /** There is such a line in a whole dump. */
  readonly whole?: RegExp;
  matches(head: string): boolean;
}

const dialects: readonly Dialect[] = [
  {
    // HotSpot: jstack, jcmd Thread.print, SIGQUIT. Last comes what JNI holds, then deadlocks.
    matches: (head) => head.includes('Full thread dump '),
    begins: /^"(?:.*)" .*\b(?:nid|os_prio|tid)=/,
    state: /^\s+java\.lang\.Thread\.State: (\S+)/,
    frame: /^\s+at ([^\s(]+)/,
    whole: /^JNI global ref/,
  },
  {
    // Go, of a panic or pprof's goroutine?debug=2.
    matches: (head) => /^goroutine \d+ [^\n]*\[/m.test(head),
    begins: /^goroutine \d+ [^[]*\[([^\],]+)/,
    frame: /^([^\s(][^\s]*)\(/,
  },
  {
    // py-spy dump.
    matches: (head) => /^Python v\d/m.test(head) && /^Process \d+/m.test(head),
    begins: /^Thread .*?\(([^()]+)\)/,
    frame: /^\s{4}(\S+) \(/,
  },
  {
    // dotnet-stack report.
    matches: (head) => /^Thread \(0x[0-9A-Fa-f]+\):/m.test(head),
    begins: /^Thread \(0x/,
    frame: /^\s{2,}([^\s[(][^\s(]*)/,
  },
];

export function isThreadDump(head: string): boolean {
  return dialects.some((dialect) => dialect.matches(head));
}

/** Threads by state, where most of them are, and deadlocks that the runtime itself found. */
export function createThreadDumpCheck(): FormatCheck {
  let dialect: Dialect | undefined;
  let head = '';
  let threads = 0;
  let deadlocks = 0;
  let isWhole = false;
  /** The thread being read has not shown a frame yet. */
  let awaitsFrame = false;
  const states = new Map<string, number>();
  const frames = new Map<string, number>();

  function read(text: string, { begins, state, frame, whole }: Dialect): void {
    const begun = begins.exec(text);
    if (begun) {
      threads += 1;
      awaitsFrame = true;
      if (begun[1] !== undefined) increase(states, begun[1]);
      return;
    }
    const stated = state?.exec(text)?.[1];
    if (stated !== undefined) increase(states, stated);
    const at = awaitsFrame ? frame.exec(text)?.[1] : undefined;
    if (at !== undefined) {
      increase(frames, at);
      awaitsFrame = false;
    }
    if (whole?.test(text)) isWhole = true;
    if (text.startsWith('Found one Java-level deadlock:')) deadlocks += 1;
  }

  return createLineCheck({
    line(text) {
      if (dialect) return read(text, dialect);
      head += `${text}\n`;
      dialect = dialects.find((each) => each.matches(head));
      if (!dialect) return;
      for (const each of head.split('\n')) read(each, dialect);
      head = '';
    },
    end({ sizeBytes, isLineEnded }) {
      const isCut = !dialect || !isLineEnded || (dialect.whole && !isWhole);
      if (isCut) throw truncated('thread dump', 'it ends too early,', sizeBytes);
    },
    findings(top) {
      const tables = [
        tableOf(states, { title: 'Threads by state', noun: 'state', top }),
        tableOf(frames, { title: 'Where threads are', noun: 'top frame', top }),
      ];
      return {
        facts: [
          plural(threads, 'thread'),
          deadlocks > 0 ? `${plural(deadlocks, 'DEADLOCK')} found` : 'no deadlock found',
        ],
        tables: tables.filter(({ length }) => length > 0),
      };
    },
  });
}

function tableOf(
  counts: ReadonlyMap<string, number>,
  about: Pick<FindingsTable, 'title' | 'noun'> & { readonly top: number },
): FindingsTable {
  const rows = [...counts].map(([name, value]) => ({ name, value }));
  return rank(rows, { ...about, unit: 'count' });
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
