import type { RemoteArtifact } from '../diagnostics/index.ts';

/**
 * The artifact's name in a directory, always the same for the same remote file, so that a later run
 * finds the part that an earlier one left: `my-api-abc-1f2e3d4c.hprof`, or the file's own name.
 */
export function localName(
  pod: string,
  { path, extension, format }: Pick<RemoteArtifact, 'path' | 'extension' | 'format'>,
): string {
  const words = path.split('/');
  const folder = format === 'directory' ? words.at(-1) : words.at(-2);
  const own = /^pitstop-(.+)$/.exec(folder ?? '')?.[1];
  const name =
    own === undefined
      ? `${pod}-${words.at(-1) ?? ''}${format === 'directory' ? extension : ''}`
      : `${pod}-${own}${extension}`;
  return name.replaceAll(/[^\w.@+-]/g, '_');
}
