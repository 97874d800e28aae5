import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { execPlace, reach } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import { Blocks } from './blocks.ts';
import { bringWhole, bringWholeToStdout } from './bring-whole.ts';
import type { Destination } from './destination.ts';
import type { Home, HomeOptions } from './home.ts';
import type { Sink } from './receiver.ts';
import { mayResume } from './stream-problem.ts';

/** A server may cut a stream short and call it a success, so it may take some. */
const attempts = 3;

/**
 * Brings a file out of a container that has `cat`, and no shell to do better with: it can be neither
 * taken up nor acknowledged, so it is believed once `sha256sum` there, or else a second reading, says
 * the same.
 */
export async function bringByCat(options: HomeOptions, destination: Destination): Promise<Home> {
  if (destination.kind === 'stdout') return await bringWholeToStdout(options, read);
  return await bringWhole(options, destination, read);
}

async function read(options: HomeOptions, sink: Sink): Promise<Omit<Home, 'path' | 'storedBytes'>> {
  const { remote, target, signal, onProgress } = options;
  let wireBytes = 0;
  for (let attempt = 1; ; attempt += 1) {
    if (sink.canRewind) await sink.rewind(0);
    const first = await pass(options, 'receiving', (chunk) => sink.write(chunk));
    const expected = (await hashThere(options)) ?? (await pass(options, 'reading it again')).sha256;
    wireBytes += first.bytes;
    if (first.isWhole && first.sha256 === expected) {
      const { bytes: sizeBytes, sha256 } = first;
      return { sizeBytes, sha256, verified: true, compression: 'none', wireBytes };
    }
    signal.throwIfAborted();
    if (attempt === attempts || !sink.canRewind) {
      throw new PitstopError(
        'collect-failed',
        `${remote.path} of pod ${target.namespace}/${target.pod} could not be brought home: read ${attempt > 1 ? `${attempt} times` : 'twice'} by cat, it never was the same (${first.bytes} bytes came last)`,
        {
          hint: 'with an ephemeral container it can be taken up where it broke: --debug-image=IMAGE',
        },
      );
    }
    onProgress({ message: 'what came is not what is there: reading it again', doneBytes: 0 });
  }
}

interface Pass {
  readonly bytes: number;
  readonly sha256: string;
  /** The command ended as it should. */
  readonly isWhole: boolean;
}

async function pass(
  { target, remote, signal, onProgress }: HomeOptions,
  message: string,
  take: (chunk: Buffer) => Promise<void> = async () => {},
): Promise<Pass> {
  const hash = createHash('sha256');
  const ended = new AbortController();
  let bytes = 0;
  const blocks = new Blocks(
    async (block) => {
      hash.update(block);
      bytes += block.length;
      await take(block);
      onProgress({ message, doneBytes: bytes });
    },
    (error) => ended.abort(error),
  );
  const said: Buffer[] = [];
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (said.length < 20) said.push(Buffer.from(chunk));
      done();
    },
  });
  const command = ['cat', reach(target, remote.path)];
  try {
    const { exitCode } = await target.kube.exec({
      ...execPlace(target),
      command,
      stdout: blocks,
      stderr,
      signal: AbortSignal.any([signal, ended.signal]),
    });
    await blocks.end();
    ended.signal.throwIfAborted();
    if (exitCode !== 0) throw catFailed(target, remote.path, Buffer.concat(said).toString());
    return { bytes, sha256: hash.digest('hex'), isWhole: true };
  } catch (caught) {
    // What came before the cut has come.
    if (!signal.aborted && !ended.signal.aborted) await blocks.end();
    await blocks.close();
    signal.throwIfAborted();
    const error: unknown = ended.signal.aborted ? ended.signal.reason : caught;
    if (bytes === 0 || !mayResume(error)) throw error;
    return { bytes, sha256: hash.digest('hex'), isWhole: false };
  }
}

/** What the container's own `sha256sum` says, where it has one. */
async function hashThere({ target, remote, signal }: HomeOptions): Promise<string | undefined> {
  const command = ['sha256sum', reach(target, remote.path)];
  try {
    const { stdout } = await target.kube.execText({ ...execPlace(target), command, signal });
    return /^\\?([0-9a-f]{64}) /.exec(stdout)?.[1];
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function catFailed(
  { namespace, pod }: HomeOptions['target'],
  path: string,
  said: string,
): PitstopError {
  return new PitstopError(
    'collect-failed',
    `${path} of pod ${namespace}/${pod} cannot be read: ${said.trim() || 'cat failed'}`,
    { hint: `kubectl pitstop collect ${pod} FILE -n ${namespace} names a file that is there` },
  );
}
