import { createCoreCheck, isCore } from './core-check.ts';
import type { FormatCheck } from './format-check.ts';
import { createHprofCheck } from './hprof/hprof-check.ts';
import { createJfrCheck } from './jfr/jfr-check.ts';
import { createNettraceCheck, isGcdump, isNettrace } from './nettrace-check.ts';
import { createPprofCheck } from './pprof/pprof-check.ts';
import { createTarCheck, isTar } from './tar-check.ts';
import { createHistogramCheck, isHistogram } from './text/histogram-check.ts';
import { createThreadDumpCheck, isThreadDump } from './text/thread-dump-check.ts';
import { createHeapSnapshotCheck } from './v8/heap-snapshot.ts';
import {
  createCpuProfileCheck,
  createHeapProfileCheck,
  createSpeedscopeCheck,
} from './v8/profiles.ts';

/** A format of which the content can be told from other content, and whole from not whole. */
export interface Format {
  /** As in `RemoteArtifact.format`. */
  readonly name: string;
  /** For people: `heap dump of a JVM (HPROF)`. */
  readonly title: string;
  /** `head` is the beginning of the content: 1 KiB of it, or all. */
  matches(head: Buffer): boolean;
  /** Absent = only its name is known. */
  create?(): FormatCheck;
}

/** How far `Format.matches` looks. */
export const headBytes = 1024;

export function recognize(head: Buffer): Format | undefined {
  return formats.find((each) => each.matches(head));
}

export const formats: readonly Format[] = [
  // Before what is told by its text: the files in an archive begin in its head.
  { name: 'tar', title: 'tar archive', matches: isTar, create: () => createTarCheck(recognize) },
  {
    name: 'hprof',
    title: 'heap dump of a JVM (HPROF)',
    matches: (head) => startsWith(head, 'JAVA PROFILE 1.0.'),
    create: createHprofCheck,
  },
  {
    name: 'jfr',
    title: 'flight recording of a JVM (JFR)',
    matches: (head) => startsWith(head, 'FLR\0'),
    create: createJfrCheck,
  },
  {
    name: 'heapsnapshot',
    title: 'heap snapshot of V8',
    matches: (head) => /^\s*\{\s*"snapshot"\s*:/.test(text(head)),
    create: createHeapSnapshotCheck,
  },
  {
    name: 'cpuprofile',
    title: 'CPU profile of V8',
    matches: (head) => /^\s*\{\s*"nodes"\s*:\s*\[\s*\{\s*"id"/.test(text(head)),
    create: createCpuProfileCheck,
  },
  {
    name: 'heapprofile',
    title: 'sampling heap profile of V8',
    matches: (head) => /^\s*\{\s*"head"\s*:\s*\{\s*"callFrame"/.test(text(head)),
    create: createHeapProfileCheck,
  },
  {
    name: 'speedscope',
    title: 'speedscope profile',
    matches: (head) => text(head).includes('//www.speedscope.app/file-format-schema.json'),
    create: createSpeedscopeCheck,
  },
  {
    name: 'histogram',
    title: 'class histogram of a JVM',
    matches: (head) => isHistogram(text(head)),
    create: createHistogramCheck,
  },
  {
    name: 'threads',
    title: 'thread dump',
    matches: (head) => isThreadDump(text(head)),
    create: createThreadDumpCheck,
  },
  { name: 'core', title: 'core file (ELF)', matches: isCore, create: createCoreCheck },
  {
    name: 'nettrace',
    title: 'event trace of .NET (nettrace)',
    matches: isNettrace,
    create: createNettraceCheck,
  },
  {
    name: 'gcdump',
    title: 'heap graph of .NET (gcdump)',
    matches: isGcdump,
  },
  {
    // Protobuf has no magic: the first field is a sample type, a message of one or two small numbers.
    name: 'pprof',
    title: 'pprof profile',
    matches: (head) => isSampleType(head),
    create: createPprofCheck,
  },
];

function isSampleType([tag = 0, length = 0, inner = 0, value = 0]: Buffer): boolean {
  return tag === 0x0a && length >= 2 && length <= 12 && inner === 0x08 && value > 0 && value < 0x80;
}

function startsWith(head: Buffer, magic: string): boolean {
  return head.subarray(0, magic.length).equals(Buffer.from(magic, 'latin1'));
}

function text(head: Buffer): string {
  return head.toString('latin1');
}
