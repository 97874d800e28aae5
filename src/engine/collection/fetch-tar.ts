import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { shellCommand } from '../container/shell.ts';
import { execPlace, reach, type Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import { BlockStream } from './block-stream.ts';
import { inTurn } from './in-turn.ts';
import { MarkSearch } from './mark-search.ts';
import type { RemoteTools } from './remote-file.ts';
import { openSegment } from './segment.ts';
import { lineWriter } from './line-writer.ts';
import { StreamProblem } from './stream-problem.ts';
import { tarScript } from './tar-script.ts';
import { codecOf, commandOf, type Codec } from './codec.ts';

interface TarOptions {
  readonly target: Target;
  readonly path: string;
  readonly members: readonly string[];
  readonly tools: RemoteTools;
  readonly codec: Codec;
  readonly gentle: boolean;
  readonly signal: AbortSignal;
  readonly take: (chunk: Buffer) => Promise<void>;
  readonly onBytes: (wireBytes: number) => void;
}

interface TarEnd {
  /** The container's SHA-256 of the tar; undefined where it has nothing to make one. */
  readonly whole: string | undefined;
  /** What tar remarked without failing: a file that changed while it was read. */
  readonly remarks: readonly string[];
}

/**
 * One directory as one tar over one stream, from its beginning. Throws what `mayResume` knows when the
 * stream broke: then all of it has to come again. Throws `collect-failed` when tar failed.
 */
export async function fetchTar(options: TarOptions): Promise<TarEnd> {
  const { target, path, members, tools, codec, signal } = options;
  const word = `part-${randomBytes(12).toString('hex')}`;
  const compressor = tools.means.compressors.find((each) => codecOf(each) === codec);
  const search = new MarkSearch(Buffer.from(`\n${word}\n`));
  const stdin = new PassThrough();
  const jobs = inTurn();
  const remarks: string[] = [];
  let whole: string | undefined;
  let exitCode: number | undefined;
  let isOver = false;
  const stream = new BlockStream(takeBytes);
  const segment = openSegment(compressor ? codec : 'none', (chunk) =>
    jobs.add(() => options.take(chunk)),
  );

  async function takeBytes(block: Buffer): Promise<void> {
    if (isOver) throw new StreamProblem('more came than was asked for');
    const { before, behind } = search.next(block);
    if (before.length > 0) await segment.write(before);
    if (behind) {
      await segment.end();
      isOver = true;
    }
    options.onBytes(block.length);
    acknowledge();
  }

  async function takeLine(line: string): Promise<void> {
    stream.heard();
    const [, name, value = ''] = /^(tar|whole) (\S+)$/.exec(line) ?? [];
    if (name === 'whole') whole = value;
    else if (name === 'tar') exitCode = Number(value);
    else if (line.trim() !== '') remarks.push(line.trim());
    acknowledge();
    await Promise.resolve();
  }

  function acknowledge(): void {
    const isHashed = tools.hasher === 'none' || whole !== undefined;
    if (!isOver || !isHashed || exitCode === undefined || stdin.writableEnded) return;
    stdin.end('ok\n');
  }

  try {
    await target.kube.exec({
      ...execPlace(target),
      command: shellCommand(tarScript, [
        reach(target, path),
        word,
        tools.hasher,
        options.gentle ? tools.nice : '',
        compressor ? commandOf(compressor, tools.means.threads) : 'none',
        // Never an option, whatever it begins with.
        ...members.map((member) => `./${member}`),
      ]),
      stdin,
      stdout: stream,
      stderr: lineWriter(takeLine),
      signal: AbortSignal.any([signal, stream.signal]),
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!stdin.writableEnded) throw stream.signal.aborted ? stream.signal.reason : error;
  } finally {
    segment.destroy();
    await Promise.all([stream.close(), jobs.close()]);
  }
  if (!stdin.writableEnded) throw new StreamProblem('the stream ended with success before the tar');
  // 1: a file changed while it was read; the tar is whole.
  if (exitCode === 0 || exitCode === 1) return { whole, remarks: exitCode === 1 ? remarks : [] };
  throw tarFailed(options, exitCode, remarks);
}

function tarFailed(
  { target, path }: TarOptions,
  exitCode: number | undefined,
  remarks: readonly string[],
): PitstopError {
  const why =
    exitCode === 127
      ? 'there is no tar in the container, by which directories travel'
      : `tar ended with ${exitCode}: ${remarks.slice(-3).join('; ')}`;
  return new PitstopError(
    'collect-failed',
    `${path} of pod ${target.namespace}/${target.pod} could not be brought home: ${why}`,
    { hint: `kubectl pitstop collect ${target.pod} ${path}/FILE -n ${target.namespace}` },
  );
}
