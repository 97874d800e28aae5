import type { Connection } from './kubeconfig.ts';
import { objectCalls } from './objects.ts';
import { serverCalls } from './server.ts';
import { createTransport } from './transport.ts';
import type { ConnectOptions, Kube } from './types.ts';
import { watch } from './watch.ts';

const defaultRequestTimeoutMs = 30_000;

/**
 * Opens the way to the cluster that kubectl would talk to with the same flags. Nothing is sent yet:
 * an unreachable server shows at the first call. Throws `KubeError('kubeconfig')`.
 */
export async function connect(options: ConnectOptions = {}): Promise<Kube> {
  // The kubeconfig reader is the heavy part (client-node): load it when a cluster is really wanted.
  const { loadConnection } = await import('./kubeconfig.ts');
  return kubeOver(loadConnection(options), options.requestTimeoutMs ?? defaultRequestTimeoutMs);
}

function kubeOver(connection: Connection, timeoutMs: number): Kube {
  const transport = createTransport(connection);
  const objects = objectCalls(transport, timeoutMs);
  return {
    server: connection.server,
    context: connection.context,
    namespace: connection.namespace,
    user: connection.user,
    get clockSkewMs() {
      return transport.clock.skewMs;
    },
    ...serverCalls(transport, timeoutMs),
    get: objects.get,
    list: objects.list,
    create: objects.create,
    patch: objects.patch,
    delete: objects.delete,
    watch: (resource, watchOptions) => watch({ transport, objects, resource, ...watchOptions }),
    async exec(execOptions) {
      const { exec } = await import('./exec.ts');
      return await exec(connection, execOptions);
    },
    async execText(execOptions) {
      const { execText } = await import('./exec-text.ts');
      return await execText(connection, execOptions);
    },
    async portForward(forwardOptions) {
      const { portForward } = await import('./port-forward.ts');
      return await portForward(connection, forwardOptions);
    },
    async [Symbol.asyncDispose]() {
      transport.close();
      await Promise.resolve();
    },
  };
}
