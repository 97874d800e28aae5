import type { FormatCheck } from './format-check.ts';
import { createHprofCheck } from './hprof/hprof-check.ts';
import { createHeapSnapshotCheck } from './v8/heap-snapshot.ts';

/** A format of which the content can be told from other content, and whole from not whole. */
export interface Format {
  /** As in `RemoteArtifact.format`. */
  readonly name: string;
  /** For people: `heap dump of a JVM (HPROF)`. */
  readonly title: string;
  /** `head` is the beginning of the content: 1 KiB of it, or all. */
  matches(head: Buffer): boolean;
  create(): FormatCheck;
}

/** How far `Format.matches` looks. */
export const headBytes = 1024;

export const formats: readonly Format[] = [
  {
    name: 'hprof',
    title: 'heap dump of a JVM (HPROF)',
    matches: (head) => startsWith(head, 'JAVA PROFILE 1.0.'),
    create: createHprofCheck,
  },
  {
    name: 'heapsnapshot',
    title: 'heap snapshot of V8',
    matches: (head) => /^\s*\{\s*"snapshot"\s*:/.test(head.toString('latin1')),
    create: createHeapSnapshotCheck,
  },
];

function startsWith(head: Buffer, magic: string): boolean {
  return head.subarray(0, magic.length).equals(Buffer.from(magic, 'latin1'));
}
