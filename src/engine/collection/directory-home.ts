import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PitstopError } from '../errors.ts';
import { bringWhole, bringWholeToStdout } from './bring-whole.ts';
import type { Destination } from './destination.ts';
import { fetchTar } from './fetch-tar.ts';
import { meansFor, type Home, type HomeOptions } from './home.ts';
import { Pace } from './pace.ts';
import { lookInto } from './remote-file.ts';
import type { Sink } from './receiver.ts';
import { mayResume, StreamProblem } from './stream-problem.ts';

/** A tar is made anew each time, so a cut one begins again: not for ever. */
const attempts = 4;

/** Brings what lies in a directory home as one tar: links as links, owners and modes as they are there. */
export async function bringDirectory(
  options: HomeOptions,
  destination: Destination,
): Promise<Home> {
  if (destination.kind === 'stdout') return await bringWholeToStdout(options, receive);
  return await bringWhole(options, destination, receive);
}

type Received = Omit<Home, 'path' | 'storedBytes'>;

async function receive(options: HomeOptions, sink: Sink): Promise<Received> {
  const { target, remote, signal } = options;
  const tools = await lookInto(target, remote.path, signal);
  // One stream in one piece: what an estimate would be worth is known only when it is over.
  const compress = options.compress ?? 'auto';
  const means = meansFor(tools.means, options);
  const hasZstd = means.compressors.includes('zstd');
  const { codec } = new Pace(compress === 'auto' && !hasZstd ? 'none' : compress, means).choose(1);
  let wireBytes = 0;
  for (let attempt = 1; ; attempt += 1) {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    try {
      const { whole, remarks } = await fetchTar({
        target,
        path: remote.path,
        members: remote.members ?? [],
        tools: { ...tools, means },
        codec,
        gentle: options.gentle ?? false,
        signal,
        take: async (chunk) => {
          hash.update(chunk);
          sizeBytes += chunk.length;
          await sink.write(chunk);
        },
        onBytes: (bytes) => {
          wireBytes += bytes;
          options.onProgress({ message: 'receiving', doneBytes: sizeBytes });
        },
      });
      const sha256 = hash.digest('hex');
      if (whole !== undefined && whole !== sha256) {
        throw new StreamProblem('the tar does not have the SHA-256 that the container computed');
      }
      const verified = whole !== undefined;
      return { sizeBytes, sha256, verified, compression: codec, wireBytes, remarks };
    } catch (error) {
      signal.throwIfAborted();
      if (!mayResume(error)) throw error;
      const mayRepeat = sizeBytes === 0 || sink.canRewind;
      if (!mayRepeat || attempt === attempts) throw gaveUp(options, sizeBytes, error);
      if (sink.canRewind) await sink.rewind(0);
      options.onProgress({
        message: `the stream broke (${(error as Error).message}): a directory begins again`,
        doneBytes: 0,
      });
      await sleep(250 * 2 ** attempt, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}

function gaveUp({ target, remote }: HomeOptions, bytes: number, cause: unknown): PitstopError {
  return new PitstopError(
    'collect-failed',
    `${remote.path} of pod ${target.namespace}/${target.pod} could not be brought home: after ${bytes} bytes of its tar, ${(cause as Error).message}`,
    {
      hint: `a file of it can be taken up where it broke: kubectl pitstop collect ${target.pod} ${remote.path}/FILE -n ${target.namespace}`,
      cause,
    },
  );
}
