import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The file Node starts for the node process and the keeper: a source, or its bundle in dist/. */
export function nodeEntry(): string {
  if (import.meta.url.endsWith('.ts')) {
    return fileURLToPath(new URL('../node/main.ts', import.meta.url));
  }
  const here = dirname(fileURLToPath(import.meta.url));
  return join(basename(here) === 'chunks' ? dirname(here) : here, 'cluster-node.js');
}

/** Lets Node start the cluster's processes faster: compiled code in the user's own cache, as the CLI's. */
export function compileCache(env: NodeJS.ProcessEnv): { readonly NODE_COMPILE_CACHE?: string } {
  const home = env['XDG_CACHE_HOME'] || (env['HOME'] && `${env['HOME']}/.cache`);
  return home ? { NODE_COMPILE_CACHE: `${home}/kubectl-pitstop` } : {};
}
