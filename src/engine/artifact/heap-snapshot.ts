import { corrupt, grouped, type FormatCheck } from './format-check.ts';
import { createJsonWalk } from './json-walk.ts';

/** The part of `snapshot` that tells how to read the rest. */
interface SnapshotHead {
  readonly meta?: {
    readonly node_fields?: readonly string[];
    readonly edge_fields?: readonly string[];
  };
  readonly node_count?: number;
  readonly edge_count?: number;
}

/** `snapshot` comes first and is small; more than this is something else. */
const longestHeadBytes = 1024 * 1024;

/**
 * Reads a V8 heap snapshot as it streams by: it must be one whole JSON document whose `nodes` and
 * `edges` are as long as `snapshot` says.
 */
export function createHeapSnapshotCheck(): FormatCheck {
  let head: SnapshotHead | undefined;
  let nodeFields = 0;
  let sizeField = -1;
  let selfSizeBytes = 0;
  const walk = createJsonWalk({
    format: 'heap snapshot',
    capture: { key: 'snapshot', maxBytes: longestHeadBytes },
    onCaptured(text) {
      head = JSON.parse(text) as SnapshotHead;
      nodeFields = head.meta?.node_fields?.length ?? 0;
      sizeField = head.meta?.node_fields?.indexOf('self_size') ?? -1;
    },
    onNumber(key, index, value) {
      if (key === 'nodes' && index % nodeFields === sizeField) {
        selfSizeBytes += value;
      }
    },
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
      return [
        `${grouped(nodes)} objects, ${grouped(Math.round(selfSizeBytes / 1e5) / 10)} MB`,
        `${grouped(edges)} references`,
        `${grouped(lengths.get('strings') ?? 0)} strings`,
      ];
    },
  };
}
