import { formatCount, formatSize } from '../../words.ts';
import { rank, type FindingsTable } from '../findings.ts';
import { corrupt, type FormatCheck } from '../format-check.ts';
import { createJsonWalk } from './json-walk.ts';

/** The part of `snapshot` that tells how to read the rest. */
interface SnapshotHead {
  readonly meta?: {
    readonly node_fields?: readonly string[];
    readonly node_types?: readonly (string | readonly string[])[];
    readonly edge_fields?: readonly string[];
  };
  readonly node_count?: number;
  readonly edge_count?: number;
}

/** `snapshot` comes first and is small; more than this is something else. */
const longestHeadBytes = 1024 * 1024;

/** Of so many constructors the names are looked up: they are read before `inspect --top` is known. */
const mostNames = 1000;

/** What DevTools calls the objects of a kind that have no constructor. */
const kinds: Readonly<Record<string, string>> = {
  hidden: '(system)',
  code: '(compiled code)',
  closure: 'Function',
  regexp: 'RegExp',
  string: '(string)',
  'concatenated string': '(string)',
  'sliced string': '(string)',
};

/**
 * Reads a V8 heap snapshot as it streams by: it must be one whole JSON document whose `nodes` and
 * `edges` are as long as `snapshot` says.
 */
export function createHeapSnapshotCheck(): FormatCheck {
  let head: SnapshotHead | undefined;
  let nodeFields = 0;
  let typeField = -1;
  let nameField = -1;
  let sizeField = -1;
  let typeNames: readonly string[] = [];
  let named: ReadonlySet<number> = new Set();
  let type = 0;
  let name = 0;
  let counted = { nodes: 0, edges: 0, strings: 0 };
  /** By index into `strings`, or by -1 - type where the kind says what it is. */
  const tallies = new Map<number, { count: number; value: number }>();
  let names: Map<number, string> | undefined;

  function add(sizeBytes: number): void {
    const key = named.has(type) ? name : -1 - type;
    const tally = tallies.get(key);
    if (!tally) tallies.set(key, { count: 1, value: sizeBytes });
    else {
      tally.count += 1;
      tally.value += sizeBytes;
    }
  }

  /** The strings come last: by then it is known of which the text is needed. */
  function namesWanted(): Map<number, string> {
    const wanted = [...tallies]
      .filter(([key]) => key >= 0)
      .sort(([, a], [, b]) => b.value - a.value)
      .slice(0, mostNames);
    return new Map(wanted.map(([key]) => [key, '']));
  }

  function label(key: number): string {
    if (key >= 0) return names?.get(key) ?? `(name ${key})`;
    const kind = typeNames[-1 - key] ?? 'unknown';
    return kinds[kind] ?? `(${kind})`;
  }

  function constructors(top: number): FindingsTable {
    const byLabel = new Map<string, { count: number; value: number }>();
    for (const [key, { count, value }] of tallies) {
      const sum = byLabel.get(label(key)) ?? { count: 0, value: 0 };
      byLabel.set(label(key), { count: sum.count + count, value: sum.value + value });
    }
    const rows = [...byLabel].map(([row, tally]) => ({ name: row, ...tally }));
    return rank(rows, {
      title: 'Constructors by self size',
      noun: 'constructor',
      unit: 'bytes',
      top,
    });
  }

  const walk = createJsonWalk({
    format: 'heap snapshot',
    capture: { key: 'snapshot', maxBytes: longestHeadBytes },
    onCaptured(text) {
      head = JSON.parse(text) as SnapshotHead;
      const fields = head.meta?.node_fields ?? [];
      nodeFields = fields.length;
      typeField = fields.indexOf('type');
      nameField = fields.indexOf('name');
      sizeField = fields.indexOf('self_size');
      const types = head.meta?.node_types?.[typeField];
      typeNames = Array.isArray(types) ? (types as readonly string[]) : [];
      named = new Set(['object', 'native'].map((each) => typeNames.indexOf(each)));
    },
    onNumber(key, index, value) {
      if (key !== 'nodes') return;
      const field = index % nodeFields;
      if (field === typeField) type = value;
      else if (field === nameField) name = value;
      // V8 writes it behind type and name.
      else if (field === sizeField) add(value);
    },
    wantsString(key, index) {
      if (key !== 'strings') return false;
      names ??= namesWanted();
      return names.has(index);
    },
    onString: (_, index, text) => void names?.set(index, text),
  });

  return {
    write: (chunk) => walk.write(chunk),
    end() {
      const { sizeBytes, lengths } = walk.end();
      const edgeFields = head?.meta?.edge_fields?.length ?? 0;
      if (!head?.meta || nodeFields === 0 || edgeFields === 0) {
        throw corrupt('heap snapshot', 'no snapshot.meta', 0);
      }
      const nodes = (lengths.get('nodes') ?? 0) / nodeFields;
      const edges = (lengths.get('edges') ?? 0) / edgeFields;
      if (nodes !== head.node_count || edges !== head.edge_count) {
        const problem = `${nodes} nodes and ${edges} edges instead of ${head.node_count} and ${head.edge_count}`;
        throw corrupt('heap snapshot', problem, sizeBytes);
      }
      counted = { nodes, edges, strings: lengths.get('strings') ?? 0 };
    },
    findings(top) {
      const table = constructors(top);
      const objects = formatCount(table.total.count ?? 0);
      return {
        facts: [
          `${objects} objects, ${formatSize(table.total.value)}`,
          `${formatCount(counted.edges || (head?.edge_count ?? 0))} references`,
          ...(counted.nodes > 0 ? [`${formatCount(counted.strings)} strings`] : []),
        ],
        tables: table.length > 0 ? [table] : [],
      };
    },
  };
}
