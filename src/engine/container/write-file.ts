import { Readable } from 'node:stream';
import { shellCommand } from './shell.ts';
import { PitstopError } from '../errors.ts';
import { execPlace, reach, type Target } from './target.ts';

interface Writing {
  readonly target: Target;
  readonly signal: AbortSignal;
}

/**
 * Writes a small file in the container through stdin: as an argument it would be part of the URL,
 * which proxies limit to 8 KiB. The length is told beforehand, since v4 streams cannot end stdin.
 */
export async function writeFile(
  context: Writing,
  path: string,
  content: string | Buffer,
): Promise<void> {
  await append(context, path, { bytes: Buffer.from(content), at: 0 });
}

const pieceBytes = 4 * 2 ** 20;

/** Writes a stream of any length in the container, in pieces of some MiB; resolves with its length. */
export async function writeStream(
  context: Writing,
  path: string,
  { content, onSize }: { content: AsyncIterable<Buffer>; onSize?: (sizeBytes: number) => void },
): Promise<number> {
  let pieces: Buffer[] = [];
  let held = 0;
  let at = 0;
  const flush = async () => {
    const bytes = Buffer.concat(pieces);
    pieces = [];
    held = 0;
    await append(context, path, { bytes, at });
    at += bytes.length;
    onSize?.(at);
  };
  for await (const chunk of content) {
    pieces.push(chunk);
    held += chunk.length;
    if (held >= pieceBytes) await flush();
  }
  if (held > 0 || at === 0) await flush();
  return at;
}

async function append(
  { target, signal }: Writing,
  path: string,
  { bytes, at }: { readonly bytes: Buffer; readonly at: number },
): Promise<void> {
  const { exitCode } = await target.kube.exec({
    ...execPlace(target),
    command: shellCommand(
      '[ "$3" = 0 ] && : >"$1"; head -c "$2" >>"$1" && [ "$(wc -c <"$1")" -eq $(($2 + $3)) ]',
      [reach(target, path), String(bytes.length), String(at)],
    ),
    stdin: Readable.from([bytes]),
    signal,
  });
  if (exitCode === 0) return;
  throw new PitstopError(
    'diagnostic-failed',
    `${path} could not be written in pod ${target.namespace}/${target.pod}`,
  );
}
