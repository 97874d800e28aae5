import { randomBytes } from 'node:crypto';
import { PassThrough, Writable } from 'node:stream';
import { KubeError } from '../../kube/index.ts';
import { shellCommand } from '../container/shell.ts';
import { execPlace, reach, type Target } from '../container/target.ts';
import type { Receiver } from './receiver.ts';
import type { RemoteFile } from './remote-file.ts';
import { streamScript } from './stream-script.ts';
import { youngGarbage } from './young-garbage.ts';

interface FetchOptions {
  readonly target: Target;
  readonly remote: RemoteFile;
  readonly receiver: Receiver;
  readonly blockBytes: number;
  readonly rangeBytes: number;
  /** Also have the container hash the whole file, and return it. */
  readonly wantsWhole: boolean;
  readonly signal: AbortSignal;
  readonly onBytes: () => void;
}

/** A stream that ended otherwise than it said, though nothing was cut. */
class StreamProblem extends Error {
  override readonly name = 'StreamProblem';
}

const stalledAfterMs = 120_000;
const stragglersMs = 5_000;

/**
 * One stream's worth of a file, from where the receiver is. Resolves when everything has arrived and
 * every hash agreed, whatever the stream's own end says; throws when another stream is needed.
 */
export async function fetchStream(options: FetchOptions): Promise<{ whole: string | undefined }> {
  const { target, remote, receiver, blockBytes, rangeBytes, signal, onBytes } = options;
  const trailer = `end-${randomBytes(8).toString('hex')}`;
  const expected = Buffer.from(`\n${trailer}\n`);
  const firstBlock = Math.floor(receiver.position / blockBytes);
  let toDrop = receiver.position - firstBlock * blockBytes;
  let tail = Buffer.alloc(0);
  let whole: string | undefined;
  let isSaid = false;
  const stdin = new PassThrough();
  const ended = new AbortController();
  const watch = watchdog(ended);
  const jobs = inTurn();
  const free = youngGarbage();

  function acknowledge(): void {
    const isWhole = !options.wantsWhole || remote.hasher === 'none' || whole !== undefined;
    if (!receiver.isComplete || !isSaid || !isWhole || tail.length < expected.length) return;
    // The process in the container has waited for this with the stream open.
    stdin.end('ok\n');
  }

  async function takeBytes(chunks: readonly Buffer[]): Promise<void> {
    watch.heard();
    const data: Buffer[] = [];
    let left = remote.sizeBytes - receiver.position;
    for (const chunk of chunks) {
      const dropped = Math.min(toDrop, chunk.length);
      toDrop -= dropped;
      const part = chunk.subarray(dropped, dropped + left);
      left -= part.length;
      if (part.length > 0) data.push(part);
      const rest = chunk.subarray(dropped + part.length);
      if (rest.length > 0) tail = Buffer.concat([tail, rest]);
    }
    if (!expected.subarray(0, tail.length).equals(tail)) {
      throw new StreamProblem('the file is followed by something else than the end mark');
    }
    if (data.length > 0) await receiver.take(data);
    free(data.reduce((sum, { length }) => sum + length, 0));
    onBytes();
    acknowledge();
  }

  async function takeLine(line: string): Promise<void> {
    watch.heard();
    const [word, ...rest] = line.split(' ');
    if (word === 'range') {
      await receiver.hear((Number(rest[0]) * blockBytes) / rangeBytes, rest[1] ?? '');
    } else if (word === 'whole') {
      whole = rest[0];
    } else if (word === 'done') {
      isSaid = true;
      if (Number(rest[0]) < remote.sizeBytes) {
        throw new StreamProblem(`${remote.path} has become shorter while it was read`);
      }
      // Nothing more is sent after this, though bytes may still be on their way.
      watch.expectWithin(stragglersMs);
    }
    acknowledge();
  }

  try {
    await target.kube.exec({
      ...execPlace(target),
      command: shellCommand(streamScript, [
        reach(target, remote.path),
        String(blockBytes),
        String(firstBlock),
        String((receiver.verifiedRanges * rangeBytes) / blockBytes),
        String(rangeBytes / blockBytes),
        String(remote.sizeBytes),
        trailer,
        remote.reader,
        remote.hasher,
        options.wantsWhole ? 'whole' : 'ranges',
      ]),
      stdin,
      stdout: byteWriter((chunks) => jobs.add(() => takeBytes(chunks))),
      stderr: lineWriter((line) => jobs.add(() => takeLine(line))),
      signal: AbortSignal.any([signal, ended.signal]),
    });
  } catch (error) {
    signal.throwIfAborted();
    // After the acknowledgement nothing can be lost any more.
    if (!stdin.writableEnded) throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    watch.stop();
    // Whoever goes on with this receiver must find it at rest.
    await jobs.close();
  }
  if (stdin.writableEnded) return { whole };
  throw new StreamProblem(
    `the stream ended with success after ${receiver.position} of ${remote.sizeBytes} bytes`,
  );
}

/** Whether another stream may do better. */
export function mayResume(error: unknown): boolean {
  if (error instanceof StreamProblem) return true;
  const passing = [
    'exec-cut',
    'exec-refused',
    'unreachable',
    'timeout',
    'server-error',
    'too-many-requests',
  ];
  return error instanceof KubeError && passing.includes(error.code);
}

function byteWriter(take: (chunks: readonly Buffer[]) => Promise<void>): Writable {
  return settled(
    new Writable({
      highWaterMark: 2 * 1024 * 1024,
      write(chunk: Buffer, _encoding, done) {
        void settle(take([chunk]), done);
      },
      writev(chunks, done) {
        void settle(take(chunks.map(({ chunk }) => chunk as Buffer)), done);
      },
    }),
  );
}

function lineWriter(take: (line: string) => Promise<void>): Writable {
  let rest = '';
  return settled(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        const lines = (rest + chunk.toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        void settle(takeAll(lines, take), done);
      },
    }),
  );
}

async function takeAll(
  lines: readonly string[],
  take: (line: string) => Promise<void>,
): Promise<void> {
  for (const line of lines) await take(line);
}

async function settle(work: Promise<void>, done: (error?: Error) => void): Promise<void> {
  try {
    await work;
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}

/** One job after the other, none after `close`, which waits for the one that is under way. */
function inTurn() {
  let last: Promise<void> = Promise.resolve();
  let isClosed = false;
  return {
    async add(job: () => Promise<void>): Promise<void> {
      const before = last;
      last = (async () => {
        await before.catch(() => undefined);
        if (!isClosed) await job();
      })();
      await last;
    },
    async close(): Promise<void> {
      isClosed = true;
      await last.catch(() => undefined);
    },
  };
}

/** Its errors come back through exec. */
function settled(stream: Writable): Writable {
  return stream.on('error', () => {});
}

/** Ends a stream on which nothing comes any more. */
function watchdog(ended: AbortController) {
  let timer: NodeJS.Timeout;
  function expectWithin(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      ended.abort(new StreamProblem(`nothing came for ${ms / 1000} s`));
    }, ms);
  }
  expectWithin(stalledAfterMs);
  return {
    expectWithin,
    heard: () => expectWithin(stalledAfterMs),
    stop: () => clearTimeout(timer),
  };
}
