import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Frees received buffers every few megabytes. V8 sees the few small objects in front of them and lets
 * 60 MB and more pile up behind those before it looks; a collection of the young ones takes 1 ms.
 */
export function youngGarbage(everyBytes = 1024 * 1024): (bytes: number) => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  let since = 0;
  return (bytes) => {
    since += bytes;
    if (since < everyBytes) return;
    since = 0;
    collect({ type: 'minor' });
  };
}
