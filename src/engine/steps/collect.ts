import type { Writable } from 'node:stream';
import { checkFile, createCheck } from '../artifact/check.ts';
import type { Findings } from '../artifact/findings.ts';
import { checkDestination, checkRoom, placeIn, publish } from '../collection/destination.ts';
import {
  isSameFile,
  newManifest,
  readManifest,
  ManifestWriter,
  removeManifest,
  type Manifest,
} from '../collection/manifest.ts';
import type { Compress } from '../collection/codec.ts';
import type { LocalPart } from '../collection/local-part.ts';
import { localName } from '../collection/local-name.ts';
import { Pace, type Means } from '../collection/pace.ts';
import { PackedPart, type Packing, type Store } from '../collection/packed-part.ts';
import { PartLock } from '../collection/part-lock.ts';
import { PartFile } from '../collection/part-file.ts';
import { receiveAll } from '../collection/receive-all.ts';
import { RangeMismatch, Receiver, type Sink } from '../collection/receiver.ts';
import { lookAt, removeRemote, type RemoteFile } from '../collection/remote-file.ts';
import { streamSink } from '../collection/stream-sink.ts';
import type { DiagnosticProgress, RemoteArtifact } from '../diagnostics/index.ts';
import type { Target } from '../container/target.ts';
import type { Artifact } from '../session/session.ts';

export { checkDestination } from '../collection/destination.ts';

interface CollectOptions {
  readonly target: Target;
  readonly remote: RemoteArtifact;
  /** Directory, file, or `-` for stdout. */
  readonly destination: string;
  /** Leave the file in the container, even if we made it. */
  readonly keepRemote?: boolean | undefined;
  /** How bytes travel; `auto` unless told otherwise. */
  readonly compress?: Compress | undefined;
  /** How it is kept at home; `dumped`, as it is in the container, unless told otherwise. */
  readonly store?: Store | undefined;
  /** The Pod is in service: what is done in its container leaves the processor to the app. */
  readonly gentle?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DiagnosticProgress) => void;
  /** Where `-` goes; the process's stdout unless told otherwise. */
  readonly stdout?: Writable | undefined;
  /** A multiple of the block size; 16 MiB. */
  readonly rangeBytes?: number | undefined;
}

const suffixes: Readonly<Record<Packing, string>> = { zstd: '.zst', gzip: '.gz' };
const defaultRangeBytes = 16 * 1024 * 1024;

/**
 * Step `collect`: brings a file home, proves that size and SHA-256 agree on both ends and that its
 * content is well-formed, then removes it from the container if we made it. Cut streams are taken up
 * where they broke; what another process left as `.part` is finished. Throws `collect-failed` (with
 * `.part` kept), `artifact-corrupt`, `output-unusable`.
 */
export async function collect(options: CollectOptions): Promise<Artifact> {
  const startedAt = performance.now();
  const destination = await checkDestination(options.destination);
  const file = await lookAt(options.target, options.remote.path, options.signal);
  const pace = new Pace(options.compress ?? 'auto', meansOf(file, options));
  const home =
    destination.kind === 'stdout'
      ? await toStdout(options, { file, pace })
      : await toFile(options, { file, pace }, destination);
  const { keepRemote = false, remote, target } = options;
  const remoteRemoved =
    remote.removable && !keepRemote
      ? await removeRemote(target, remote.path).catch(() => false)
      : false;
  // Only now: what arrived is what the container had, so nothing is lost by having removed that.
  const { facts, tables } =
    home.findings ?? (await checkFile(home.path, remote.format, options.signal));
  return {
    path: home.path,
    remotePath: remote.path,
    sizeBytes: file.sizeBytes,
    sha256: home.sha256,
    compression: pace.mainCodec,
    wireBytes: home.wireBytes,
    stored: destination.kind === 'stdout' ? 'dumped' : (options.store ?? 'dumped'),
    storedBytes: home.storedBytes,
    verified: file.hasher !== 'none',
    format: remote.format,
    summary: facts,
    tables,
    durationMs: Math.round(performance.now() - startedAt),
    remoteRemoved,
  };
}

interface Work {
  readonly file: RemoteFile;
  readonly pace: Pace;
}

/** A Pod in service gives half of the threads that one out of traffic would. */
function meansOf({ means }: RemoteFile, { gentle = false }: CollectOptions): Means {
  return gentle ? { ...means, threads: Math.max(1, Math.floor(means.threads / 2)) } : means;
}

interface Home {
  readonly path: string;
  readonly sha256: string;
  readonly wireBytes: number;
  readonly storedBytes: number;
  /** What the content told while it streamed by. */
  readonly findings?: Findings;
}

async function toFile(
  options: CollectOptions,
  work: Work,
  destination: Exclude<Awaited<ReturnType<typeof checkDestination>>, { kind: 'stdout' }>,
): Promise<Home> {
  const { target, remote } = options;
  const packing = options.store === 'dumped' ? undefined : options.store;
  const path = placeIn(
    destination,
    `${localName(target.pod, remote)}${packing ? suffixes[packing] : ''}`,
  );
  const part = `${path}.part`;
  const manifestPath = `${part}.json`;
  await using _lock = await PartLock.take(part);
  const fresh = newManifest(target, work.file, {
    rangeBytes: options.rangeBytes ?? defaultRangeBytes,
    packing,
  });
  for (;;) {
    const begun = await readManifest(manifestPath);
    const isResumed = begun !== undefined && isSameFile(begun, fresh);
    const manifest = isResumed ? begun : fresh;
    const filled = await fill(options, work, { part, manifestPath, manifest, isResumed });
    if (filled === undefined) {
      // Every range agreed when it came, yet the whole does not: the file has changed since then.
      await removeManifest(manifestPath);
      options.onProgress({
        message: `${remote.path} changed since its first part came: starting over`,
      });
      continue;
    }
    const published = await publish(part, path, destination);
    await removeManifest(manifestPath);
    return { path: published, ...filled };
  }
}

interface Begun {
  readonly part: string;
  readonly manifestPath: string;
  readonly manifest: Manifest;
  readonly isResumed: boolean;
}

/** Fills the `.part` file; undefined when what an earlier run left belongs to another content. */
async function fill(
  options: CollectOptions,
  { file, pace }: Work,
  { part, manifestPath, manifest, isResumed }: Begun,
): Promise<Omit<Home, 'path'> | undefined> {
  await using sink = await openPart(part, manifest);
  if (!isResumed) await sink.rewind(0);
  await using written = new ManifestWriter(manifestPath, manifest, sink);
  await written.write();
  const receiver = new Receiver({
    sizeBytes: file.sizeBytes,
    rangeBytes: manifest.rangeBytes,
    sink,
    expectsHashes: file.hasher !== 'none',
    onVerified: (ranges) => written.note(ranges),
  });
  for (const [range, hash] of manifest.ranges.entries()) await receiver.hear(range, hash);
  try {
    await sink.recall(file.sizeBytes, (chunk) => receiver.recall(chunk));
  } catch (error) {
    if (!(error instanceof RangeMismatch)) throw error;
    await receiver.rewind();
  }
  await checkRoom(part, file.sizeBytes - receiver.position);
  const { whole, wireBytes } = await receiveAll({
    ...options,
    file,
    receiver,
    pace,
    rangeBytes: manifest.rangeBytes,
    gentle: options.gentle ?? false,
    wantsWhole: isResumed && receiver.position > 0,
    kept: `${part} keeps what has come; the same command goes on from there`,
  });
  if (whole !== undefined && whole !== receiver.digest()) return undefined;
  const storedBytes = await sink.finish();
  return { sha256: receiver.digest(), wireBytes, storedBytes };
}

async function openPart(
  part: string,
  { packing, packedEnds = [], rangeBytes }: Manifest,
): Promise<LocalPart> {
  if (!packing) return await PartFile.open(part);
  return await PackedPart.open(part, { packing, rangeBytes, ends: packedEnds });
}

async function toStdout(options: CollectOptions, { file, pace }: Work): Promise<Home> {
  const check = createCheck(options.remote.format);
  const sink: Sink = streamSink(options.stdout ?? process.stdout, (chunk) => check.write(chunk));
  const rangeBytes = options.rangeBytes ?? defaultRangeBytes;
  const receiver = new Receiver({
    sizeBytes: file.sizeBytes,
    rangeBytes,
    sink,
    expectsHashes: file.hasher !== 'none',
    onVerified: async () => {},
  });
  const { wireBytes } = await receiveAll({
    ...options,
    file,
    receiver,
    pace,
    rangeBytes,
    gentle: options.gentle ?? false,
    wantsWhole: false,
    kept: 'what went to stdout is not the whole file',
  });
  return {
    path: '-',
    sha256: receiver.digest(),
    wireBytes,
    storedBytes: file.sizeBytes,
    findings: await check.end(),
  };
}
