import { onTestFinished } from 'vitest';
import type { DiagnosticContext } from '../../src/engine/diagnostics/diagnostic.ts';
import { connect } from '../../src/kube/index.ts';
import { startExecServer } from './exec-server.ts';
import { startSandbox } from './sandbox.ts';

/** Runs `argv` as the first process of a sandbox, as a container that can be exec'd into; ends with the test. */
export async function startContainer(argv: readonly string[]) {
  const sandbox = await startSandbox(argv);
  const server = await startExecServer({ prefix: sandbox.prefix });
  const kube = await connect({ kubeconfig: server.kubeconfig });
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await sandbox[Symbol.asyncDispose]();
  });
  const place = { namespace: 'shop', pod: 'web', container: 'app' };
  const progress: string[] = [];
  const context: DiagnosticContext = {
    target: { kube, ...place },
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    onProgress: ({ message }) => progress.push(message),
  };
  return {
    context,
    progress,
    sh: async (script: string) =>
      (await kube.execText({ ...place, command: ['sh', '-c', script] })).stdout,
    /** From outside: a first process ignores what its own container does not let it handle. */
    send: (name: NodeJS.Signals) => process.kill(Number(sandbox.prefix[2]), name),
  };
}
