import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { shellCommand } from '../container/shell.ts';
import { execPlace, reach, type Target } from '../container/target.ts';
import type { Codec } from './codec.ts';
import { BlockStream } from './block-stream.ts';
import { inTurn } from './in-turn.ts';
import { MarkSearch } from './mark-search.ts';
import type { Pace } from './pace.ts';
import type { Receiver } from './receiver.ts';
import { hashersOf, type RemoteFile } from './remote-file.ts';
import { openSegment, type Segment } from './segment.ts';
import { serveScript } from './serve-script.ts';
import { StreamProblem } from './stream-problem.ts';
import { lineWriter } from './line-writer.ts';

interface FetchOptions {
  readonly target: Target;
  readonly remote: RemoteFile;
  readonly receiver: Receiver;
  readonly pace: Pace;
  readonly blockBytes: number;
  readonly rangeBytes: number;
  /** Also have the container hash the whole file, and return it. */
  readonly wantsWhole: boolean;
  /** Leave the processor to the app wherever it wants it: the Pod is in service. */
  readonly gentle: boolean;
  readonly signal: AbortSignal;
  /** After each chunk, with how many bytes of it came over the wire. */
  readonly onBytes: (wireBytes: number) => void;
}

/** A part of the file that has been asked for. */
interface Asked {
  readonly codec: Codec;
  readonly rawBytes: number;
  readonly segment: Segment;
  takenBytes: number;
  wireBytes: number;
}

/** What `openssl dgst -r` and `sha256sum` write. */
const hashOfFile = /^[0-9a-f]{64} [ *]/;
/** Parts asked for at once: while one travels, the container knows already what comes next. */
const askedAhead = 2;

/**
 * One stream's worth of a file, from where the receiver is. Resolves when everything has arrived and
 * every hash agreed, whatever the stream's own end says; throws when another stream is needed.
 */
export async function fetchStream(options: FetchOptions): Promise<{ whole: string | undefined }> {
  const { target, remote, receiver, pace, blockBytes, rangeBytes, signal } = options;
  const word = `part-${randomBytes(12).toString('hex')}`;
  const blocksPerRange = rangeBytes / blockBytes;
  const blocks = Math.ceil(remote.sizeBytes / blockBytes);
  let nextBlock = Math.floor(receiver.position / blockBytes);
  let toDrop = receiver.position - nextBlock * blockBytes;
  let hashedBlock = receiver.verifiedRanges * blocksPerRange;
  let whole: string | undefined;
  let hashAbove: string | undefined;
  /** Of the first part from its first bytes on: starting the stream says nothing about the link. */
  let partBeganAt: number | undefined;
  const asked: Asked[] = [];
  const search = new MarkSearch(Buffer.from(`\n${word}\n`));
  const stdin = new PassThrough();
  const jobs = inTurn();
  const stream = new BlockStream(takeBytes);

  function ask(): void {
    while (asked.length < askedAhead && nextBlock < blocks) {
      const rangesLeft = Math.ceil((blocks - nextBlock) / blocksPerRange);
      const { codec, command, ranges } = pace.choose(rangesLeft);
      // To the end of a range, unless a part of one is enough: hashes are made of whole ranges.
      const end = Math.min(endOf(ranges), blocks);
      hashUpTo(end);
      say(`get ${nextBlock} ${end - nextBlock} ${command ?? 'none'}`);
      const rawBytes = Math.min(end * blockBytes, remote.sizeBytes) - nextBlock * blockBytes;
      const part: Asked = {
        codec,
        rawBytes,
        takenBytes: 0,
        wireBytes: 0,
        segment: openSegment(codec, (chunk) => jobs.add(() => take(part, chunk))),
      };
      asked.push(part);
      nextBlock = end;
    }
  }

  function endOf(ranges: number): number {
    if (ranges < 1) return nextBlock + Math.max(1, Math.floor(ranges * blocksPerRange));
    return (Math.floor(nextBlock / blocksPerRange) + ranges) * blocksPerRange;
  }

  function hashUpTo(end: number): void {
    if (receiver.proof !== 'ranges' || end <= hashedBlock) return;
    say(`hash ${hashedBlock} ${end}`);
    // The last range is hashed to its end, wherever this ends in it; the next hash begins behind it.
    hashedBlock = Math.ceil(end / blocksPerRange) * blocksPerRange;
  }

  function say(line: string): void {
    stdin.write(`${line}\n`);
  }

  async function take(part: Asked, chunk: Buffer): Promise<void> {
    part.takenBytes += chunk.length;
    if (part.takenBytes > part.rawBytes) {
      throw new StreamProblem('more came than was asked for');
    }
    const dropped = Math.min(toDrop, chunk.length);
    toDrop -= dropped;
    if (dropped < chunk.length) await receiver.take(chunk.subarray(dropped));
  }

  async function takeBytes(block: Buffer): Promise<void> {
    let rest: Buffer | undefined = block;
    while (rest && rest.length > 0) {
      const [part] = asked;
      if (!part) throw new StreamProblem('more came than was asked for');
      const { before, behind } = search.next(rest);
      part.wireBytes += before.length;
      if (before.length > 0) await part.segment.write(before);
      if (behind) await finish(part);
      rest = behind;
    }
    options.onBytes(block.length);
    acknowledge();
  }

  async function finish(part: Asked): Promise<void> {
    await part.segment.end().catch((error: unknown) => {
      pace.failed(part.codec);
      throw error;
    });
    if (part.takenBytes < part.rawBytes) {
      if (part.codec === 'none') {
        throw new StreamProblem(`${remote.path} has become shorter while it was read`);
      }
      pace.failed(part.codec);
      throw new StreamProblem(`${part.codec} in the container ended before the file did`);
    }
    asked.shift();
    const now = performance.now();
    pace.measured({ ...part, ms: now - (partBeganAt ?? now) });
    partBeganAt = now;
    ask();
  }

  async function takeLine(line: string): Promise<void> {
    const [name, ...rest] = line.split(' ');
    // A process that lives but brings nothing is no progress; only a large file's hash takes so long.
    if (name !== 'alive' || (options.wantsWhole && whole === undefined)) stream.heard();
    if (name === 'range') {
      await receiver.hear(Number(rest[0]) / blocksPerRange, rest[1] ?? '');
    } else if (hashOfFile.test(line)) {
      hashAbove = name;
    } else if (name === 'whole') {
      whole = (rest[0] === 'above' ? hashAbove : rest[0]) ?? '';
      if (receiver.proof === 'whole') await receiver.hearWhole(whole);
    }
    acknowledge();
  }

  function acknowledge(): void {
    const isWhole = !options.wantsWhole || remote.hasher === 'none' || whole !== undefined;
    if (!receiver.isComplete || asked.length > 0 || !isWhole || stdin.writableEnded) return;
    // The process in the container has waited for this with the stream open.
    say('bye');
    stdin.end();
  }

  if (options.wantsWhole && remote.hasher !== 'none') say('whole');
  // What came over an earlier stream and is not proven yet may need nothing but its hash.
  hashUpTo(nextBlock);
  ask();
  acknowledge();
  try {
    await target.kube.exec({
      ...execPlace(target),
      command: shellCommand(serveScript, [
        reach(target, remote.path),
        String(blockBytes),
        String(remote.sizeBytes),
        String(blocksPerRange),
        word,
        remote.reader,
        remote.hasher,
        String(hashersOf(remote)),
        options.gentle ? remote.nice : '',
        receiver.proof,
        remote.isCached ? 'cached' : '',
      ]),
      stdin,
      stdout: {
        take(bytes) {
          partBeganAt ??= performance.now();
          return stream.take(bytes);
        },
      },
      stderr: lineWriter((line) => jobs.add(() => takeLine(line))),
      signal: AbortSignal.any([signal, stream.signal]),
    });
  } catch (error) {
    signal.throwIfAborted();
    // What came before the cut has come.
    if (!stream.signal.aborted) await stream.end();
    // After the acknowledgement nothing can be lost any more.
    if (!stdin.writableEnded) throw stream.signal.aborted ? stream.signal.reason : error;
  } finally {
    for (const { segment } of asked) segment.destroy();
    // Whoever goes on with this receiver must find it at rest.
    await Promise.all([stream.close(), jobs.close()]);
  }
  if (stdin.writableEnded) return { whole };
  throw new StreamProblem(
    `the stream ended with success after ${receiver.position} of ${remote.sizeBytes} bytes`,
  );
}
