import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterError } from './cluster-error.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { identity } from './identity.ts';
import { chooseIsolation } from './isolation.ts';
import { type Access, writeKubeconfig } from './kubeconfig.ts';
import { portOf } from './listening-socket.ts';
import { type NodeExit, NodeProcess } from './node-process.ts';
import { identify } from './process-identity.ts';
import {
  claim,
  clusterDirectory,
  type ClusterRecord,
  filesOf,
  removeRemains,
  updateRecord,
} from './record.ts';
import { requireSense } from './require-sense.ts';

/** A cluster that is Ready. */
export interface StartedCluster {
  readonly record: ClusterRecord;
  readonly access: Access;
  readonly node: NodeProcess;
  readonly exited: Promise<NodeExit>;
}

/** What `Cluster.start` does; the cluster's files are removed again when it fails or ends. */
export async function start(options: ClusterOptions): Promise<StartedCluster> {
  const { name = 'pitstop', proxyFollows = 'endpointslices', signal } = options;
  signal?.throwIfAborted();
  requireSense(options);
  const directory = options.directory ?? clusterDirectory(name);
  const files = filesOf(directory);
  const record = newRecord({ name, directory, proxyFollows });

  await using undo = new AsyncDisposableStack();
  const isolating = chooseIsolation(options.level ?? 'auto');
  // A refused claim is reported first; the other failure must not go unheard meanwhile.
  isolating.catch(() => {});
  await claim(record);
  undo.defer(() => removeRemains(directory, record));
  await mkdir(files.data, { recursive: true });
  const isolation = await isolating;

  const node = new NodeProcess({ uid: record.uid, isolation, log: options.log ?? (() => {}) });
  undo.defer(async () => {
    node.kill();
    await node.exited;
  });
  let isReady = false;
  const abort = () => (isReady ? void node.stop() : node.kill());
  signal?.addEventListener('abort', abort, { once: true });
  undo.defer(() => signal?.removeEventListener('abort', abort));
  signal?.throwIfAborted();

  // While Node boots in there: certificates take as long as its start.
  const { socket, token, certificates, settle } = await identity(options);
  const access: Access = {
    server: `https://127.0.0.1:${portOf(socket)}`,
    token,
    ca: certificates.ca,
  };
  // While the node starts, too: it takes what this process took until here to load TLS.
  const [{ answers }] = await Promise.all([
    import('./readyz.ts'),
    writeKubeconfig(files.kubeconfig, name, access),
    node.start(
      {
        name,
        uid: record.uid,
        level: isolation.level,
        proxyFollows,
        ...chosen(options),
        dataDirectory: files.data,
        images: options.images ?? {},
        apiServer: access.server,
        token,
        certificates,
      },
      socket,
    ),
  ]).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
  await settle();
  if (!(await answers(access))) {
    throw new ClusterError('start-failed', `the API server does not answer at ${access.server}`);
  }
  const ready: ClusterRecord = {
    ...record,
    level: isolation.level,
    ...(isolation.refusal !== undefined && { levelReason: isolation.refusal }),
    server: access.server,
    ...(node.identity && { node: node.identity }),
  };
  await updateRecord(ready);
  signal?.throwIfAborted();
  isReady = true;

  const kept = undo.move();
  const exited = node.exited.then(async (exit) => {
    await kept.disposeAsync();
    return exit;
  });
  return { record: ready, access, node, exited };
}

/** What the node is told of the options only when they were given. */
function chosen({ nodes, proxyMode, kubernetesVersion, dataDirectory }: ClusterOptions) {
  return {
    ...(nodes !== undefined && { nodes }),
    ...(proxyMode !== undefined && { proxyMode }),
    ...(kubernetesVersion !== undefined && { kubernetesVersion }),
    ...(dataDirectory !== undefined && { journalDirectory: join(dataDirectory, 'journal') }),
  };
}

function newRecord(
  known: Pick<ClusterRecord, 'name' | 'directory' | 'proxyFollows'>,
): ClusterRecord {
  const holder = identify(process.pid);
  if (!holder) throw new Error(`cannot tell the start time of process ${process.pid}`);
  return {
    ...known,
    uid: randomUUID(),
    kubeconfigPath: filesOf(known.directory).kubeconfig,
    startedAt: new Date().toISOString(),
    holder,
  };
}
