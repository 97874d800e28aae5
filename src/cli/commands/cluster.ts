import { resolve } from 'node:path';
import type {
  ClusterRecord,
  DetachedOptions,
  Level,
  ProxyFollows,
  ProxyMode,
} from '../../cluster/index.ts';
import { asCalled } from '../as-called.ts';
import { formatAge } from '../duration.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { ClusterFlags, CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { printProblem } from '../render/error.ts';
import { renderTable } from '../render/table.ts';
import { UsageError } from '../usage-error.ts';
import { readImages } from './cluster-images.ts';

interface StartFlags extends ClusterFlags {
  readonly detach?: boolean;
  readonly proxyFollows: ProxyFollows;
  readonly level?: Level;
  readonly proxyMode?: ProxyMode | 'auto';
  readonly nodes?: number;
  readonly dataDir?: string;
  readonly port?: number;
  readonly images?: string;
  readonly kubernetesVersion?: string;
}

interface KubeconfigFlags extends ClusterFlags {
  readonly for?: string;
  readonly group?: readonly string[];
}

/** Starts a cluster and keeps it until Ctrl-C; with `detach`, leaves it to a keeper. */
export async function clusterStart(io: Io, flags: StartFlags): Promise<ExitCode> {
  const { Cluster, startDetached } = await import('../../cluster/index.ts');
  const { name } = flags;
  const options = await startOptions(flags);
  const startedMs = performance.now();
  if (flags.detach) {
    const record = await startDetached(options);
    announce(io, record, performance.now() - startedMs);
    io.stderr.write(
      asCalled(`Stop it with: kubectl pitstop cluster stop${nameFlag(name)}\n`, io.env),
    );
    return exitCodes.done;
  }
  await using cluster = await Cluster.start({ ...options, signal: io.signal });
  announce(io, cluster, performance.now() - startedMs);
  io.stderr.write('It runs until Ctrl-C.\n');
  const { code } = await cluster.exited;
  if (io.signal.aborted || code === 0) return exitCodes.done;
  printProblem(io, { message: `cluster ${name} ended by itself`, hint: 'start it again' });
  return exitCodes.failed;
}

async function startOptions(flags: StartFlags): Promise<DetachedOptions> {
  const { name, proxyFollows, level, proxyMode, nodes, port, kubernetesVersion } = flags;
  return {
    name,
    proxyFollows,
    ...(level !== undefined && { level }),
    ...(proxyMode !== undefined && { proxyMode }),
    ...(nodes !== undefined && { nodes }),
    ...(port !== undefined && { apiPort: port }),
    ...(kubernetesVersion !== undefined && { kubernetesVersion }),
    ...(flags.dataDir !== undefined && { dataDirectory: resolve(flags.dataDir) }),
    ...(flags.images !== undefined && { images: await readImages(flags.images) }),
  };
}

/** stdout gets only what a shell can evaluate: eval "$(kubectl pitstop cluster start --detach)". */
function announce(
  io: Io,
  cluster: {
    readonly name: string;
    readonly server?: string;
    readonly level?: Level;
    readonly levelReason?: string;
    readonly kubeconfigPath: string;
  },
  tookMs: number,
): void {
  const { name, server, level, levelReason, kubeconfigPath } = cluster;
  io.stderr.write(
    `Cluster ${name} is Ready after ${Math.round(tookMs)} ms: ${server} (level ${level}).\n`,
  );
  if (levelReason !== undefined) io.stderr.write(`${explainLevel(levelReason)}\n`);
  // eval "$(…)" needs no telling.
  if (io.stdout.isTTY) io.stderr.write('Use it with:\n');
  io.stdout.write(exportLine(kubeconfigPath));
}

/** Why containers are plain processes, and what that means. */
export function explainLevel(levelReason: string): string {
  return `No namespaces here (${levelReason}): containers are plain processes, at addresses of 127.77.0.0/16.`;
}

/** The line that points kubectl at a cluster. */
export function exportLine(kubeconfigPath: string): string {
  const safe = /^[\w./-]+$/.test(kubeconfigPath);
  return `export KUBECONFIG=${safe ? kubeconfigPath : `'${kubeconfigPath.replaceAll("'", `'\\''`)}'`}\n`;
}

function nameFlag(name: string): string {
  return name === 'pitstop' ? '' : ` --name=${name}`;
}

export async function clusterStop(io: Io, { name }: ClusterFlags): Promise<ExitCode> {
  const { stopCluster } = await import('../../cluster/index.ts');
  await stopCluster(name);
  io.stderr.write(`Cluster ${name} is stopped; nothing of it is left.\n`);
  return exitCodes.done;
}

/** All running clusters, or the one of that name; throws `UsageError` when that one is not running. */
export async function clusterStatus(
  io: Io,
  flags: CommonFlags & { readonly name?: string },
): Promise<ExitCode> {
  const { clusterStatus: readClusterStatus, listClusters } = await import('../../cluster/index.ts');
  const names = flags.name ? [flags.name] : (await listClusters()).map(({ name }) => name);
  const statuses = await Promise.all(names.map((name) => readClusterStatus(name)));
  if (flags.name && statuses[0]?.phase === 'stopped') {
    const hint = `kubectl pitstop cluster start --detach${nameFlag(flags.name)}`;
    throw new UsageError(`cluster ${flags.name} is not running`, hint);
  }
  switch (flags.output) {
    case 'json':
    case 'yaml':
      await printDocument(io, flags.output, {
        apiVersion: 'pitstop.dev/v1alpha1',
        kind: 'ClusterList',
        items: statuses,
      });
      break;
    case 'name':
      for (const { name } of statuses) io.stdout.write(`cluster/${name}\n`);
      break;
    case 'wide':
    case undefined:
      if (statuses.length === 0) {
        io.stderr.write('No embedded cluster is running.\n');
        break;
      }
      io.stdout.write(
        renderTable(
          ['NAME', 'PHASE', 'SERVER', 'LEVEL', 'AGE', 'KUBECONFIG'],
          statuses.map(({ name, phase, record }) => [name, phase, ...describeRecord(record)]),
        ),
      );
      for (const reason of new Set(statuses.map(({ record }) => record?.levelReason))) {
        if (reason !== undefined) io.stderr.write(`${explainLevel(reason)}\n`);
      }
  }
  return exitCodes.done;
}

function describeRecord(record: ClusterRecord | undefined): readonly string[] {
  if (!record) return ['<none>', '<none>', '<none>', '<none>'];
  const { server = '<none>', level = '<none>', startedAt, kubeconfigPath } = record;
  return [server, level, formatAge(Date.now() - Date.parse(startedAt)), kubeconfigPath];
}

/** The admin's kubeconfig, or with `for` the one of a further user. */
export async function clusterKubeconfig(io: Io, flags: KubeconfigFlags): Promise<ExitCode> {
  const { reachCluster } = await import('../../cluster/index.ts');
  const { name, for: username, group: groups = [] } = flags;
  if (username === undefined && groups.length > 0) {
    throw new UsageError('--group needs a user', 'say whose kubeconfig it is: --for=NAME');
  }
  const cluster = await reachCluster(name);
  io.stdout.write(
    await cluster.kubeconfig(username === undefined ? undefined : { username, groups }),
  );
  return exitCodes.done;
}
