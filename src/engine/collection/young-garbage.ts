import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** More often, and more of what is in use just then is taken for old. */
const minorEveryBytes = 1024 * 1024;
/** What was taken for old and is not: a few megabytes by then. */
const majorEveryBytes = 128 * 1024 * 1024;

/**
 * Frees received buffers every megabyte of what came over the wire. V8 sees the few small objects in front of them and lets
 * 60 MB and more pile up behind those before it looks; a collection of the young ones takes 1 ms, of
 * all 15 ms.
 */
export function youngGarbage(): (bytes: number) => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' | 'major' }) => void;
  let sinceMinor = 0;
  let sinceMajor = 0;
  return (bytes) => {
    sinceMinor += bytes;
    sinceMajor += bytes;
    if (sinceMinor < minorEveryBytes) return;
    sinceMinor = 0;
    const isDue = sinceMajor >= majorEveryBytes;
    if (isDue) sinceMajor = 0;
    collect({ type: isDue ? 'major' : 'minor' });
  };
}
