import { setTimeout as sleep } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import { checkFile, createCheck } from '../artifact/check.ts';
import type { Findings } from '../artifact/findings.ts';
import { checkDestination, checkRoom, placeIn, publish } from '../collection/destination.ts';
import { fetchStream, mayResume } from '../collection/fetch-stream.ts';
import {
  isSameFile,
  newManifest,
  readManifest,
  removeManifest,
  writeManifest,
  type Manifest,
} from '../collection/manifest.ts';
import { localName } from '../collection/local-name.ts';
import { PartFile } from '../collection/part-file.ts';
import { RangeMismatch, Receiver, type Sink } from '../collection/receiver.ts';
import { lookAt, removeRemote, type RemoteFile } from '../collection/remote-file.ts';
import { streamSink } from '../collection/stream-sink.ts';
import type { DiagnosticProgress, RemoteArtifact } from '../diagnostics/index.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import type { Artifact } from '../session/session.ts';

export { checkDestination } from '../collection/destination.ts';

interface CollectOptions {
  readonly target: Target;
  readonly remote: RemoteArtifact;
  /** Directory, file, or `-` for stdout. */
  readonly destination: string;
  /** Leave the file in the container, even if we made it. */
  readonly keepRemote?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DiagnosticProgress) => void;
  /** Where `-` goes; the process's stdout unless told otherwise. */
  readonly stdout?: Writable | undefined;
  /** A multiple of the block size; 64 MiB. */
  readonly rangeBytes?: number | undefined;
}

const defaultRangeBytes = 64 * 1024 * 1024;
const largestBlockBytes = 1024 * 1024;
/** How often in a row a stream may bring nothing new. */
const patience = 6;
const longestPauseMs = 10_000;

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
  const home =
    destination.kind === 'stdout'
      ? await toStdout(options, file)
      : await toFile(options, file, destination);
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
    compression: 'none',
    verified: file.hasher !== 'none',
    format: remote.format,
    summary: facts,
    tables,
    durationMs: Math.round(performance.now() - startedAt),
    remoteRemoved,
  };
}

interface Home {
  readonly path: string;
  readonly sha256: string;
  /** What the content told while it streamed by. */
  readonly findings?: Findings;
}

async function toFile(
  options: CollectOptions,
  file: RemoteFile,
  destination: Exclude<Awaited<ReturnType<typeof checkDestination>>, { kind: 'stdout' }>,
): Promise<Home> {
  const { target, remote } = options;
  const path = placeIn(destination, localName(target.pod, remote));
  const part = `${path}.part`;
  const manifestPath = `${part}.json`;
  const fresh = newManifest(target, file, options.rangeBytes ?? defaultRangeBytes);
  for (;;) {
    const begun = await readManifest(manifestPath);
    const isResumed = begun !== undefined && isSameFile(begun, fresh);
    const manifest = isResumed ? begun : fresh;
    const sha256 = await fill(options, file, { part, manifestPath, manifest, isResumed });
    if (sha256 === undefined) {
      // Every range agreed when it came, yet the whole does not: the file has changed since then.
      await removeManifest(manifestPath);
      options.onProgress({
        message: `${remote.path} changed since its first part came: starting over`,
      });
      continue;
    }
    const published = await publish(part, path, destination);
    await removeManifest(manifestPath);
    return { path: published, sha256 };
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
  file: RemoteFile,
  { part, manifestPath, manifest, isResumed }: Begun,
): Promise<string | undefined> {
  await using sink = await PartFile.open(part);
  if (!isResumed) await sink.rewind(0);
  await writeManifest(manifestPath, manifest);
  const receiver = new Receiver({
    sizeBytes: file.sizeBytes,
    rangeBytes: manifest.rangeBytes,
    sink,
    expectsHashes: file.hasher !== 'none',
    onVerified: (ranges) => writeManifest(manifestPath, { ...manifest, ranges: [...ranges] }),
  });
  for (const [range, hash] of manifest.ranges.entries()) await receiver.hear(range, hash);
  try {
    await sink.recall(file.sizeBytes, (chunk) => receiver.recall(chunk));
  } catch (error) {
    if (!(error instanceof RangeMismatch)) throw error;
    await receiver.rewind();
  }
  await checkRoom(part, file.sizeBytes - receiver.position);
  const whole = await receiveAll(options, file, receiver, manifest.rangeBytes, {
    wantsWhole: isResumed && receiver.position > 0,
    kept: `${part} keeps what has come; the same command goes on from there`,
  });
  if (whole !== undefined && whole !== receiver.digest()) return undefined;
  await sink.finish();
  return receiver.digest();
}

async function toStdout(options: CollectOptions, file: RemoteFile): Promise<Home> {
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
  await receiveAll(options, file, receiver, rangeBytes, {
    wantsWhole: false,
    kept: 'what went to stdout is not the whole file',
  });
  return { path: '-', sha256: receiver.digest(), findings: await check.end() };
}

/** As many streams as it takes. Returns the container's hash of the whole file if it was asked for. */
async function receiveAll(
  options: CollectOptions,
  file: RemoteFile,
  receiver: Receiver,
  rangeBytes: number,
  { wantsWhole, kept }: { readonly wantsWhole: boolean; readonly kept: string },
): Promise<string | undefined> {
  const { target, signal } = options;
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    const before = progressOf(receiver);
    try {
      const { whole } = await fetchStream({
        target,
        remote: file,
        receiver,
        blockBytes: Math.min(largestBlockBytes, rangeBytes),
        rangeBytes,
        wantsWhole,
        signal,
        onBytes: reporter(options, file, receiver),
      });
      return whole;
    } catch (error) {
      signal.throwIfAborted();
      const isMismatch = error instanceof RangeMismatch;
      if (!isMismatch && !mayResume(error)) throw error;
      const rewound = !isMismatch || (await receiver.rewind());
      failures = progressOf(receiver) > before ? 1 : failures + 1;
      if (!rewound || failures > patience) throw gaveUp(options, file, receiver, error, kept);
      options.onProgress({
        message: `the stream broke at ${receiver.position} bytes (${(error as Error).message}): going on`,
        doneBytes: receiver.position,
        totalBytes: file.sizeBytes,
      });
      await sleep(Math.min(125 * 2 ** failures, longestPauseMs), undefined, { signal });
    }
  }
}

function progressOf(receiver: Receiver): number {
  return receiver.position + receiver.verifiedRanges;
}

function reporter(
  { onProgress }: CollectOptions,
  file: RemoteFile,
  receiver: Receiver,
): () => void {
  let toldAt = 0;
  return () => {
    const now = performance.now();
    if (now - toldAt < 100 && receiver.position < file.sizeBytes) return;
    toldAt = now;
    onProgress({
      message: receiver.position < file.sizeBytes ? 'receiving' : 'comparing hashes',
      doneBytes: receiver.position,
      totalBytes: file.sizeBytes,
    });
  };
}

function gaveUp(
  { target }: CollectOptions,
  file: RemoteFile,
  receiver: Receiver,
  cause: unknown,
  kept: string,
): PitstopError {
  return new PitstopError(
    'collect-failed',
    `${file.path} of pod ${target.namespace}/${target.pod} could not be brought home: ${receiver.position} of ${file.sizeBytes} bytes came, then ${(cause as Error).message}; ${kept}`,
    { hint: `kubectl pitstop collect ${target.pod} ${file.path} -n ${target.namespace}`, cause },
  );
}
