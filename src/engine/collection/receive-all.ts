import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../container/target.ts';
import type { DiagnosticProgress } from '../diagnostics/index.ts';
import { PitstopError } from '../errors.ts';
import { formatSize } from '../words.ts';
import type { Codec } from './codec.ts';
import { fetchStream } from './fetch-stream.ts';
import { isWrittenSince, OtherFile } from './look-again.ts';
import type { Pace } from './pace.ts';
import { RangeMismatch, WholeMismatch, type Receiver } from './receiver.ts';
import type { RemoteFile } from './remote-file.ts';
import { mayResume } from './stream-problem.ts';

interface ReceiveOptions {
  readonly target: Target;
  readonly file: RemoteFile;
  readonly receiver: Receiver;
  readonly pace: Pace;
  readonly rangeBytes: number;
  readonly wantsWhole: boolean;
  readonly gentle: boolean;
  /** What is left where it cannot be finished, for people. */
  readonly kept: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DiagnosticProgress) => void;
}

export interface Received {
  /** The container's hash of the whole file, if it was asked for. */
  readonly whole: string | undefined;
  /** What came over the wire, of all streams. */
  readonly wireBytes: number;
}

const largestBlockBytes = 1024 * 1024;
/** How often in a row a stream may bring nothing new. */
const patience = 6;
const longestPauseMs = 10_000;

/**
 * As many streams as it takes. Throws `collect-failed` when they bring nothing new any more, and
 * `OtherFile` when what a later one would bring is no longer the file whose beginning has come.
 */
export async function receiveAll(options: ReceiveOptions): Promise<Received> {
  const { target, file, receiver, rangeBytes, signal, onProgress } = options;
  const report = reporter(options);
  let failures = 0;
  let mismatches = 0;
  let verified = receiver.verifiedRanges;
  let { wantsWhole } = options;
  for (let stream = 1; ; stream += 1) {
    signal.throwIfAborted();
    const before = progressOf(receiver);
    try {
      const isWritten = stream > 1 && (await isWrittenSince(target, file, signal));
      // The end of a log may have been written, or its beginning: the whole tells.
      if (isWritten && receiver.position > 0) wantsWhole = true;
      const { whole } = await fetchStream({
        ...options,
        wantsWhole,
        remote: file,
        blockBytes: Math.min(largestBlockBytes, rangeBytes),
        onBytes: report.onBytes,
      });
      if (!wantsWhole && (await wasWritten(options))) {
        wantsWhole = true;
        if (receiver.proof === 'whole') await receiver.proveByRange();
        continue;
      }
      return { whole, wireBytes: report.wireBytes() };
    } catch (error) {
      signal.throwIfAborted();
      const isMismatch = error instanceof RangeMismatch || error instanceof WholeMismatch;
      if (!isMismatch && !mayResume(error)) throw error;
      // The next stream is not to have all that came hashed from its beginning.
      if (receiver.proof === 'whole' && receiver.position > 0) await receiver.proveByRange();
      const rewound = !(error instanceof RangeMismatch) || (await receiver.rewind());
      failures = progressOf(receiver) > before ? 1 : failures + 1;
      // Bytes that came again only to turn out wrong again are no progress.
      if (receiver.verifiedRanges > verified) mismatches = 0;
      verified = receiver.verifiedRanges;
      if (isMismatch) mismatches += 1;
      if (!rewound || failures > patience || mismatches > patience) throw gaveUp(options, error);
      onProgress({
        message: `the stream broke at ${receiver.position} bytes (${(error as Error).message}): going on`,
        doneBytes: receiver.position,
        totalBytes: file.sizeBytes,
      });
      const pauseMs = Math.min(125 * 2 ** failures, longestPauseMs);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/**
 * Whether the file was written to while the stream read it: then each part agrees with what was there
 * at its time, and only the whole tells whether that is one state. Throws `OtherFile` as a stream does.
 */
async function wasWritten({ target, file, signal }: ReceiveOptions): Promise<boolean> {
  try {
    return await isWrittenSince(target, file, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof OtherFile) throw error;
    // What has gone since, or cannot be asked, takes nothing from what has come.
    return false;
  }
}

function progressOf(receiver: Receiver): number {
  return receiver.position + receiver.verifiedRanges;
}

function reporter({ file, receiver, pace, onProgress }: ReceiveOptions) {
  let toldAt = 0;
  let wireBytes = 0;
  return {
    wireBytes: () => wireBytes,
    onBytes: (bytes: number) => {
      wireBytes += bytes;
      const now = performance.now();
      if (now - toldAt < 100 && receiver.position < file.sizeBytes) return;
      toldAt = now;
      const isWhole = receiver.position >= file.sizeBytes;
      onProgress({
        message: isWhole ? 'comparing hashes' : `receiving${how(pace.mainCodec, wireBytes)}`,
        doneBytes: receiver.position,
        totalBytes: file.sizeBytes,
      });
    },
  };
}

function how(codec: Codec, wireBytes: number): string {
  return codec === 'none' ? '' : ` (${codec}, ${formatSize(wireBytes)} over the wire)`;
}

function gaveUp({ target, file, receiver, kept }: ReceiveOptions, cause: unknown): PitstopError {
  return new PitstopError(
    'collect-failed',
    `${file.path} of pod ${target.namespace}/${target.pod} could not be brought home: ${receiver.position} of ${file.sizeBytes} bytes came, then ${(cause as Error).message}; ${kept}`,
    { hint: `kubectl pitstop collect ${target.pod} ${file.path} -n ${target.namespace}`, cause },
  );
}
