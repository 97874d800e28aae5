import type { Writable } from 'node:stream';
import type { Findings } from '../artifact/findings.ts';
import type { Target } from '../container/target.ts';
import type { DiagnosticProgress, RemoteArtifact } from '../diagnostics/index.ts';
import type { Codec, Compress } from './codec.ts';
import { placeIn, type Destination } from './destination.ts';
import { localName } from './local-name.ts';
import type { Packing, Store } from './packed-part.ts';
import type { Means } from './pace.ts';

/** What is to come home, and how. */
export interface HomeOptions {
  readonly target: Target;
  readonly remote: RemoteArtifact;
  /** How bytes travel; `auto` unless told otherwise. */
  readonly compress?: Compress | undefined;
  /** How it is kept at home; `dumped`, as it is in the container, unless told otherwise. */
  readonly store?: Store | undefined;
  /** The Pod is in service: what is done in its container leaves the processor to the app. */
  readonly gentle?: boolean | undefined;
  /** What is in the container goes once it is home: then it must not be in memory alone here. */
  readonly isOnlyCopy?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DiagnosticProgress) => void;
  /** Where `-` goes; the process's stdout unless told otherwise. */
  readonly stdout?: Writable | undefined;
  /** A multiple of the block size; 16 MiB. */
  readonly rangeBytes?: number | undefined;
}

/** What has come home. */
export interface Home {
  /** `-` for stdout. */
  readonly path: string;
  /** Of the content as it was dumped. */
  readonly sizeBytes: number;
  readonly sha256: string;
  /** The container's own hash agrees. */
  readonly verified: boolean;
  readonly compression: Codec;
  readonly wireBytes: number;
  readonly storedBytes: number;
  /** What the content told while it streamed by. */
  readonly findings?: Findings;
  readonly remarks?: readonly string[];
}

export type FileDestination = Exclude<Destination, { kind: 'stdout' }>;

export const defaultRangeBytes = 16 * 1024 * 1024;

const suffixes: Readonly<Record<Packing, string>> = { zstd: '.zst', gzip: '.gz' };

export function packingOf({ store = 'dumped' }: HomeOptions): Packing | undefined {
  return store === 'dumped' ? undefined : store;
}

/** Where the artifact is to lie in the end. */
export function homePath(options: HomeOptions, destination: FileDestination): string {
  const packing = packingOf(options);
  const name = localName(options.target.pod, options.remote);
  return placeIn(destination, packing ? `${name}${suffixes[packing]}` : name);
}

/** A Pod in service gives half of the threads that one out of traffic would. */
export function meansFor(means: Means, { gentle = false }: HomeOptions): Means {
  return gentle ? { ...means, threads: Math.max(1, Math.floor(means.threads / 2)) } : means;
}
