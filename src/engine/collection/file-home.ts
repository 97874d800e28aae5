import { createCheck } from '../artifact/check.ts';
import { PitstopError } from '../errors.ts';
import { checkRoom, packedShare, publish, type Destination } from './destination.ts';
import {
  defaultRangeBytes,
  homePath,
  meansFor,
  packingOf,
  type FileDestination,
  type Home,
  type HomeOptions,
} from './home.ts';
import { InlineCheck } from './inline-check.ts';
import {
  isSameFile,
  ManifestWriter,
  newManifest,
  readManifest,
  removeManifest,
  type Manifest,
} from './manifest.ts';
import { OtherFile } from './look-again.ts';
import { openPart } from './open-part.ts';
import { Pace } from './pace.ts';
import { PartLock } from './part-lock.ts';
import { receiveAll } from './receive-all.ts';
import { RangeMismatch, Receiver, type Proof, type Sink } from './receiver.ts';
import { hashersOf, lookAt, type RemoteFile } from './remote-file.ts';
import { streamSink } from './stream-sink.ts';

interface Work {
  readonly file: RemoteFile;
  readonly pace: Pace;
}

/** Brings a file home, or finishes what an earlier run has begun. */
export async function bringFile(options: HomeOptions, destination: Destination): Promise<Home> {
  if (destination.kind === 'stdout') return await toStdout(options);
  return await toFile(options, destination);
}

/** How often a file may turn out to be another one on its way. */
const mostBeginnings = 4;

async function toFile(options: HomeOptions, destination: FileDestination): Promise<Home> {
  const path = homePath(options, destination);
  const part = `${path}.part`;
  const manifestPath = `${part}.json`;
  await using _lock = await PartLock.take(part);
  for (let beginnings = 1; ; beginnings += 1) {
    const work = await begin(options);
    const fresh = newManifest(options.target, work.file, {
      rangeBytes: options.rangeBytes ?? defaultRangeBytes,
      packing: packingOf(options),
    });
    const begun = await readManifest(manifestPath);
    const isResumed = begun !== undefined && isSameFile(begun, fresh);
    const manifest = isResumed ? begun : fresh;
    const filled = await fill(options, work, { part, manifestPath, manifest, isResumed }).catch(
      unlessOther,
    );
    if (filled === undefined) {
      // Every range agreed when it came, yet the whole does not: the file has changed since then.
      await removeManifest(manifestPath);
      if (beginnings === mostBeginnings) throw keepsChanging(options);
      options.onProgress({
        message: `${options.remote.path} changed since its first part came: starting over`,
      });
      continue;
    }
    const published = await publish(part, path, destination);
    await removeManifest(manifestPath);
    return { path: published, ...filled };
  }
}

function unlessOther(error: unknown): undefined {
  if (!(error instanceof OtherFile)) throw error;
}

function keepsChanging({ target, remote }: HomeOptions): PitstopError {
  return new PitstopError(
    'collect-failed',
    `${remote.path} of pod ${target.namespace}/${target.pod} is written anew while it is on its way home: no single state of it could be brought`,
    {
      hint: `kubectl pitstop run ${target.pod} -n ${target.namespace} --collect @DIR/copy -- cp ${remote.path} @DIR/copy`,
    },
  );
}

async function begin(options: HomeOptions): Promise<Work> {
  const file = await lookAt(options.target, options.remote.path, options.signal);
  return { file, pace: new Pace(options.compress ?? 'auto', meansFor(file.means, options)) };
}

interface Begun {
  readonly part: string;
  readonly manifestPath: string;
  readonly manifest: Manifest;
  readonly isResumed: boolean;
}

/** Fills the `.part` file; undefined when what an earlier run left belongs to another content. */
async function fill(
  options: HomeOptions,
  { file, pace }: Work,
  { part, manifestPath, manifest, isResumed }: Begun,
): Promise<Omit<Home, 'path'> | undefined> {
  const flushes = options.isOnlyCopy ?? false;
  await using sink = await openPart(part, { ...manifest, flushes });
  if (!isResumed) await sink.rewind(0);
  await using written = new ManifestWriter(manifestPath, manifest, sink);
  await written.write();
  const checked = new InlineCheck(sink, options.remote.format, !isResumed);
  const receiver = new Receiver({
    sizeBytes: file.sizeBytes,
    rangeBytes: manifest.rangeBytes,
    sink: checked,
    // Where packed ranges end is noted as they are proven: without it none can be taken up.
    proof: proofOf(file, { isByRange: isResumed || manifest.packing !== undefined }),
    onVerified: (ranges) => written.note(ranges),
  });
  for (const [range, hash] of manifest.ranges.entries()) await receiver.hear(range, hash);
  try {
    await sink.recall(file.sizeBytes, (chunk) => receiver.recall(chunk));
  } catch (error) {
    if (!(error instanceof RangeMismatch)) throw error;
    await receiver.rewind();
  }
  const missing = file.sizeBytes - receiver.position;
  await checkRoom(part, manifest.packing ? missing / packedShare : missing);
  const { whole, wireBytes } = await receiveAll({
    ...options,
    file,
    receiver,
    pace,
    rangeBytes: manifest.rangeBytes,
    gentle: options.gentle ?? false,
    // Ranges that were compared on an earlier day may have changed without a trace.
    wantsWhole: isResumed && receiver.position > 0 && manifest.ranges.length > 0,
    kept: `${part} keeps what has come; the same command goes on from there`,
  });
  if (whole !== undefined && whole !== receiver.digest()) return undefined;
  const storedBytes = await sink.finish();
  const findings = await checked.findings();
  return {
    ...outcome(receiver, { file, pace }),
    wireBytes,
    storedBytes,
    ...(findings && { findings }),
  };
}

async function toStdout(options: HomeOptions): Promise<Home> {
  const work = await begin(options);
  const { file, pace } = work;
  const check = createCheck(options.remote.format);
  const sink: Sink = streamSink(options.stdout ?? process.stdout, (chunk) => check.write(chunk));
  const rangeBytes = options.rangeBytes ?? defaultRangeBytes;
  const receiver = new Receiver({
    sizeBytes: file.sizeBytes,
    rangeBytes,
    sink,
    proof: proofOf(file, { isByRange: true }),
    onVerified: async () => {},
  });
  const { whole, wireBytes } = await receiveAll({
    ...options,
    file,
    receiver,
    pace,
    rangeBytes,
    gentle: options.gentle ?? false,
    wantsWhole: false,
    kept: 'what went to stdout is not the whole file',
  }).catch((error: unknown) => {
    if (error instanceof OtherFile) throw keepsChanging(options);
    throw error;
  });
  if (whole !== undefined && whole !== receiver.digest()) throw keepsChanging(options);
  return {
    path: '-',
    ...outcome(receiver, work),
    wireBytes,
    storedBytes: file.sizeBytes,
    findings: await check.end(),
  };
}

/** `sha256sum` knows no SHA instructions and would hold the stream up: ranges can be hashed two at once. */
function proofOf(file: RemoteFile, { isByRange }: { readonly isByRange: boolean }): Proof {
  if (file.hasher === 'none') return 'none';
  return isByRange || hashersOf(file) > 1 ? 'ranges' : 'whole';
}

function outcome(
  receiver: Receiver,
  { file, pace }: Work,
): Pick<Home, 'sizeBytes' | 'sha256' | 'verified' | 'compression'> {
  return {
    sizeBytes: file.sizeBytes,
    sha256: receiver.digest(),
    verified: file.hasher !== 'none',
    compression: pace.mainCodec,
  };
}
