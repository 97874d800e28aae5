import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const namespaces = ['unshare', '--user', '--map-root-user'].concat(
  '--net --mount --pid --fork --mount-proc --kill-child'.split(' '),
);

/** Whether this machine lets anybody make namespaces. */
export const hasNamespaces: boolean = await run('unshare', [...namespaces.slice(1), 'true']).then(
  () => true,
  () => false,
);

const helpers = JSON.stringify(new URL('./test-pods.ts', import.meta.url).href);

/**
 * Runs a program in namespaces of its own, as the node process runs; what it hands to `tell` is the
 * answer. `inside.href('./x.ts', import.meta.url)` gives a module's name to import from there.
 */
export async function inside(program: string): Promise<unknown> {
  const source = `import { inPod, read, sandbox, startInPod } from ${helpers};
    const tell = (value) => { process.stdout.write(JSON.stringify(value)); process.exitCode = 0; };
    ${program}
    process.exit();`;
  const [file = '', ...args] = namespaces;
  const node = [process.execPath, '--input-type=module', '-e', source];
  const { stdout } = await run(file, [...args, ...node]);
  return JSON.parse(stdout);
}

/** The import specifier, as a literal, of a module beside the caller. */
export function moduleName(path: string, base: string): string {
  return JSON.stringify(new URL(path, base).href);
}
