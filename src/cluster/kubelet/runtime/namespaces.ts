import { join } from 'node:path';
import type { Level } from '../../network/index.ts';
import { coversOf, isHidden } from './covers.ts';
import { prepareDevices, releaseDevices } from './devices.ts';
import { hostTools } from './host-tools.ts';
import { createSandbox } from './namespace-sandbox.ts';
import { PipePool } from './pipes.ts';
import { privatePlaces } from './private-places.ts';
import type { Runtime } from './runtime.ts';
import { fillToolbox } from './toolbox.ts';

/**
 * Containers with mount and PID namespaces of their own, in a Pod with network, UTS and IPC
 * namespaces of its own. Needs util-linux and a process that may make namespaces (root of its own
 * user namespace is enough). `secret`: directories that containers do not see, those of clusters.
 */
export async function openNamespaces(
  directory: string,
  { level, secret }: { readonly level: Level; readonly secret: readonly string[] },
): Promise<Runtime> {
  const devices = join(directory, 'dev');
  await prepareDevices(devices);
  const pipes = new PipePool();
  const places = privatePlaces(secret);
  const covers = coversOf({ root: directory, directory, places, readOnly: false });
  const toolsOf = hostTools(places, (path) => isHidden(path, covers));
  const toolbox = () => fillToolbox(join(directory, 'toolbox'));
  return {
    level,
    createSandbox: (options) =>
      createSandbox(options, { devices, pipes, places, toolsOf, toolbox, level }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([pipes[Symbol.asyncDispose](), releaseDevices(devices)]);
    },
  };
}
