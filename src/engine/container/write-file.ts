import { Readable } from 'node:stream';
import { shellCommand } from './shell.ts';
import { PitstopError } from '../errors.ts';
import { execPlace, reach, type Target } from './target.ts';

/**
 * Writes a small file in the container through stdin: as an argument it would be part of the URL,
 * which proxies limit to 8 KiB. The length is told beforehand, since v4 streams cannot end stdin.
 */
export async function writeFile(
  { target, signal }: { readonly target: Target; readonly signal: AbortSignal },
  path: string,
  content: string,
): Promise<void> {
  const bytes = Buffer.from(content);
  const { exitCode } = await target.kube.exec({
    ...execPlace(target),
    command: shellCommand('head -c "$2" >"$1" && [ "$(wc -c <"$1")" -eq "$2" ]', [
      reach(target, path),
      String(bytes.length),
    ]),
    stdin: Readable.from([bytes]),
    signal,
  });
  if (exitCode === 0) return;
  throw new PitstopError(
    'diagnostic-failed',
    `${path} could not be written in pod ${target.namespace}/${target.pod}`,
  );
}
