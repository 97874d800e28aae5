import type { Pod } from 'kubernetes-types/core/v1.js';
import { mkdirSync } from 'node:fs';
import { hasNamespaces } from '../../network/index.ts';
import type { ContainerRun } from './container-run.ts';
import { watchMemory } from './memory-watch.ts';
import type { NodeContext, PodContext, SayLimit } from './pod-context.ts';
import { hostnameOf } from './start-container.ts';

export interface OpenSandboxOptions {
  readonly node: NodeContext;
  readonly pod: Pod;
  readonly directory: string;
  readonly runs: readonly ContainerRun[];
  readonly sayLimit: SayLimit;
}

/** Makes what a Pod's containers share and gives it an address; a failure is told as an Event. */
export async function openSandbox(
  options: OpenSandboxOptions,
): Promise<Pick<PodContext, 'sandbox' | 'podIp' | 'close'>> {
  const { node, pod, directory, runs, sayLimit } = options;
  const { runtime, network, recordEvent } = node;
  const { uid = '' } = pod.metadata ?? {};
  const { hostNetwork = false, shareProcessNamespace = false, hostPID } = pod.spec ?? {};
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  sayUnshared(options);
  try {
    const sandbox = await runtime.createSandbox({
      uid,
      hostname: hostnameOf({ node, pod: () => pod }),
      hostNetwork,
      sharedProcesses: shareProcessNamespace && !hostPID,
      sysctls: sysctlsOf(pod),
      directory,
    });
    await using given = new AsyncDisposableStack();
    given.use(sandbox);
    const podIp = hostNetwork
      ? network.nodeAddress
      : (await network.attach({ uid, pid: sandbox.pid })).ip;
    given.move();
    const memoryWatch = watchMemory(runs, { node, sayLimit });
    const close = async () => {
      memoryWatch[Symbol.dispose]();
      await sandbox[Symbol.asyncDispose]();
      if (!hostNetwork) await network.detach(uid);
    };
    return { sandbox, podIp, close };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `Failed to create pod sandbox: ${why}`;
    recordEvent(pod, { type: 'Warning', reason: 'FailedCreatePodSandBox', message });
    throw error;
  }
}

function sysctlsOf(pod: Pod): Record<string, string> {
  const sysctls = pod.spec?.securityContext?.sysctls ?? [];
  return Object.fromEntries(sysctls.map(({ name, value }) => [name, value]));
}

function sayUnshared({ node, pod, sayLimit }: OpenSandboxOptions): void {
  const { level } = node.runtime;
  if (hasNamespaces(level)) return;
  if (pod.spec?.shareProcessNamespace)
    sayLimit(
      'processes',
      `shareProcessNamespace means nothing at isolation level ${level}: all Pods see the processes of this machine, by its numbers`,
    );
  if (pod.spec?.securityContext?.sysctls?.length)
    sayLimit(
      'sysctls',
      `sysctls are not set at isolation level ${level}: Pods share one kernel network`,
    );
}
