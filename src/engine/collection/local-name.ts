import type { RemoteArtifact } from '../diagnostics/index.ts';

/**
 * The artifact's name in a directory, always the same for the same remote file, so that a later run
 * finds the part that an earlier one left: `my-api-abc-1f2e3d4c.hprof`, or the file's own name.
 */
export function localName(
  pod: string,
  { path, extension }: Pick<RemoteArtifact, 'path' | 'extension'>,
): string {
  const words = path.split('/');
  const own = /^pitstop-(.+)$/.exec(words.at(-2) ?? '')?.[1];
  const name = own === undefined ? `${pod}-${words.at(-1) ?? ''}` : `${pod}-${own}${extension}`;
  return name.replaceAll(/[^\w.@+-]/g, '_');
}
