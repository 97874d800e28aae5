import { join } from 'node:path';
import type { Level } from '../../network/index.ts';
import { prepareDevices, releaseDevices } from './devices.ts';
import { createSandbox } from './namespace-sandbox.ts';
import { PipePool } from './pipes.ts';
import type { Runtime } from './runtime.ts';

/**
 * Containers with mount and PID namespaces of their own, in a Pod with network, UTS and IPC
 * namespaces of its own. Needs util-linux and a process that may make namespaces (root of its own
 * user namespace is enough).
 */
export async function openNamespaces(directory: string, level: Level): Promise<Runtime> {
  const devices = join(directory, 'dev');
  await prepareDevices(devices);
  const pipes = new PipePool();
  return {
    level,
    createSandbox: (options) => createSandbox(options, { devices, pipes, level }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([pipes[Symbol.asyncDispose](), releaseDevices(devices)]);
    },
  };
}
