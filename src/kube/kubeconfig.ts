import { readFileSync, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { Agent, RequestOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import {
  KubeConfig,
  loadYaml,
  type Cluster,
  type Context,
  type User,
} from '@kubernetes/client-node';
import { KubeError } from './errors.ts';
import { environmentProxy } from './proxy.ts';
import type { ConnectOptions } from './types.ts';

/** What one request needs to be let in: TLS material, headers, and an agent when a proxy is on the way. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly tls: TlsOptions;
  readonly proxyAgent: Agent | undefined;
}

interface TlsOptions extends Pick<
  SecureContextOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase'
> {
  readonly rejectUnauthorized?: boolean | undefined;
  readonly servername?: string | undefined;
}

/** One cluster as one user, chosen from files and flags with kubectl's precedence. */
export interface Connection {
  /** `https://host:port/prefix`, without a slash at the end. */
  readonly server: string;
  readonly context: string;
  readonly namespace: string;
  readonly user: string;
  /** `fresh` forgets what a credential plugin answered before. */
  credentials(options?: { fresh?: boolean }): Promise<Credentials>;
}

interface Choice {
  readonly cluster: Cluster;
  readonly user: User;
  readonly context: Context;
  readonly impersonation: Readonly<Record<string, string | string[]>>;
}

/** Reads the kubeconfig that kubectl would read for the same flags; throws `KubeError('kubeconfig')`. */
export function loadConnection(options: ConnectOptions): Connection {
  let current = choose(options);
  let kept: Credentials | undefined;
  return {
    server: current.cluster.server,
    context: current.context.name,
    namespace: options.namespace ?? (current.context.namespace?.trim() || 'default'),
    user: current.user.name,
    async credentials({ fresh = false } = {}) {
      if (fresh) {
        current = choose(options);
        kept = undefined;
      }
      if (kept) return kept;
      const credentials = await toCredentials(current);
      // Plugins and token files are asked for each request: client-node keeps their answer while it is valid.
      if (!current.user.exec && !current.user.authProvider) kept = credentials;
      return credentials;
    },
  };
}

function choose(options: ConnectOptions): Choice {
  const merged = readFiles(options);
  const name = options.context ?? merged.currentContext;
  const named = merged.contexts.find((context) => context.name === name);
  if (options.context !== undefined && !named) {
    throw new KubeError('kubeconfig', `context "${options.context}" does not exist`, {
      hint: 'kubectl config get-contexts',
    });
  }
  if (!named && !options.server && !options.cluster) {
    throw new KubeError(
      'kubeconfig',
      name
        ? `the current context "${name}" does not exist in ${merged.source}`
        : `no cluster to talk to: ${merged.source} names no current context`,
      {
        hint: 'name one with --context, or set KUBECONFIG; kubectl config get-contexts lists them',
      },
    );
  }
  const cluster = findCluster(merged, options.cluster ?? named?.cluster, options);
  const user = findUser(merged, options.user ?? named?.user, options);
  return {
    cluster,
    user,
    context: named ?? { name: '', cluster: cluster.name, user: user.name },
    impersonation: impersonation(merged.rawUsers.get(user.name), options),
  };
}

function findCluster(merged: Merged, name: string | undefined, options: ConnectOptions): Cluster {
  const found = merged.clusters.find((cluster) => cluster.name === name);
  if (!found && (options.cluster !== undefined || !options.server)) {
    throw new KubeError(
      'kubeconfig',
      `cluster "${name ?? ''}" does not exist in ${merged.source}`,
      {
        hint: 'kubectl config get-clusters',
      },
    );
  }
  const cluster = {
    ...(found ?? { name: '', server: '', skipTLSVerify: false }),
  } as Writable<Cluster>;
  if (options.server) cluster.server = options.server.replace(/\/$/, '');
  if (!/^https?:\/\//.test(cluster.server)) cluster.server = `https://${cluster.server}`;
  if (options.certificateAuthority) {
    delete cluster.caData;
    cluster.caFile = options.certificateAuthority;
  }
  // client-node refuses http:// unless told that nobody expects TLS there; kubectl just talks.
  if (options.insecureSkipTlsVerify || cluster.server.startsWith('http:')) {
    cluster.skipTLSVerify = true;
    delete cluster.caData;
    delete cluster.caFile;
  }
  const proxy = cluster.proxyUrl ?? environmentProxy(new URL(cluster.server), process.env);
  if (proxy) cluster.proxyUrl = proxy;
  return cluster;
}

function findUser(merged: Merged, name: string | undefined, options: ConnectOptions): User {
  const found = merged.users.find((user) => user.name === name);
  if (!found && options.user !== undefined) {
    throw new KubeError('kubeconfig', `user "${options.user}" does not exist in ${merged.source}`, {
      hint: 'kubectl config get-users',
    });
  }
  if (options.token !== undefined) return { name: name ?? '', token: options.token };
  return found ?? { name: name ?? '' };
}

function impersonation(raw: RawUser | undefined, options: ConnectOptions): Choice['impersonation'] {
  const as = options.as ?? raw?.as;
  const groups = options.asGroup ?? raw?.['as-groups'];
  const headers: Record<string, string | string[]> = {};
  if (as !== undefined) headers['Impersonate-User'] = as;
  if (groups?.length) headers['Impersonate-Group'] = [...groups];
  if (raw?.['as-uid']) headers['Impersonate-Uid'] = raw['as-uid'];
  return headers;
}

async function toCredentials(choice: Choice): Promise<Credentials> {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(choice.cluster, choice.user);
  const request: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(request);
  } catch (cause) {
    throw credentialError(choice, cause);
  }
  const headers: Record<string, string | string[]> = { ...choice.impersonation };
  const authorization = (request.headers as Record<string, string> | undefined)?.['Authorization'];
  if (authorization) headers['Authorization'] = authorization.trim();
  else if (request.auth) {
    headers['Authorization'] = `Basic ${Buffer.from(request.auth).toString('base64')}`;
  }
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = request;
  return {
    headers,
    tls: { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername },
    proxyAgent: choice.cluster.proxyUrl ? (request.agent as Agent) : undefined,
  };
}

function credentialError(choice: Choice, cause: unknown): KubeError {
  const said = cause instanceof Error ? cause.message.trim() : String(cause);
  const plugin = choice.user.exec as { command?: string } | undefined;
  return plugin
    ? new KubeError(
        'kubeconfig',
        `the credential plugin "${plugin.command ?? ''}" of user "${choice.user.name}" failed: ${said}`,
        { cause, hint: 'does kubectl get namespaces work with the same flags?' },
      )
    : new KubeError(
        'kubeconfig',
        `the credentials of user "${choice.user.name}" are unusable: ${said}`,
        {
          cause,
        },
      );
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface RawUser {
  readonly tokenFile?: string;
  readonly as?: string;
  readonly 'as-groups'?: readonly string[];
  readonly 'as-uid'?: string;
}

interface RawConfig {
  readonly users?: readonly { readonly name?: string; readonly user?: RawUser | null }[];
}

interface Merged {
  readonly source: string;
  readonly clusters: Cluster[];
  readonly users: User[];
  readonly contexts: Context[];
  readonly rawUsers: Map<string, RawUser>;
  readonly currentContext: string | undefined;
}

function readFiles(options: ConnectOptions): Merged {
  const fromEnvironment = process.env['KUBECONFIG'];
  const wanted = options.kubeconfig
    ? [options.kubeconfig]
    : fromEnvironment
      ? fromEnvironment.split(delimiter).filter((file) => file !== '')
      : [join(homedir(), '.kube', 'config')];
  if (options.kubeconfig && !existsSync(options.kubeconfig)) {
    throw new KubeError('kubeconfig', `stat ${options.kubeconfig}: no such file or directory`);
  }
  // A file of KUBECONFIG that is missing is no error to kubectl.
  const present = wanted.filter((file) => existsSync(file));
  if (present.length === 0 && !options.kubeconfig && inCluster()) return inClusterConfig();
  if (present.length === 0 && !options.context && !options.cluster && !options.server) {
    throw new KubeError(
      'kubeconfig',
      `no cluster to talk to: there is no ${wanted.join(', ') || 'KUBECONFIG'}`,
      {
        hint: 'set KUBECONFIG, or rehearse: eval "$(kubectl pitstop cluster start --detach)"',
      },
    );
  }
  return merge(
    present.map((file) => readOne(file)),
    wanted.join(delimiter),
  );
}

interface OneFile {
  readonly config: KubeConfig;
  readonly raw: RawConfig;
}

function readOne(file: string): OneFile {
  const config = new KubeConfig();
  try {
    const text = readFileSync(file, 'utf8');
    // KUBECONFIG=/dev/null is how some say: none.
    const isEmpty = text.replace(/^\s*#.*$/gm, '').trim() === '';
    const raw = (isEmpty ? undefined : loadYaml<RawConfig | undefined>(text)) ?? {};
    config.loadFromString(isEmpty ? '{}' : text);
    config.makePathsAbsolute(dirname(resolve(file)));
    for (const user of config.users) fillIn(user, raw, dirname(resolve(file)));
    return { config, raw };
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new KubeError('kubeconfig', `error loading config file "${file}": ${said}`, {
      cause,
      hint: `kubectl config view --kubeconfig ${file}`,
    });
  }
}

/** What client-node leaves out: `tokenFile`, and what client-go tells and resolves for a credential plugin. */
function fillIn(user: User, raw: RawConfig, folder: string): void {
  const writable = user as Writable<User>;
  const { tokenFile } = raw.users?.find((entry) => entry.name === user.name)?.user ?? {};
  if (tokenFile && !user.token) {
    writable.authProvider = {
      name: 'tokenFile',
      config: { tokenFile: isAbsolute(tokenFile) ? tokenFile : join(folder, tokenFile) },
    };
  }
  const plugin = user.exec as
    | { apiVersion?: string; command?: string; env?: { name: string; value: string }[] | null }
    | undefined;
  if (!plugin) return;
  // client-go: a command with a slash in it is relative to the kubeconfig's folder.
  if (plugin.command?.includes(sep) && !isAbsolute(plugin.command)) {
    plugin.command = join(folder, plugin.command);
  }
  const info = {
    apiVersion: plugin.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false },
  };
  plugin.env = [
    { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) },
    ...(plugin.env ?? []),
  ];
}

/** clientcmd's rule: the first file to name a thing wins. */
function merge(files: readonly OneFile[], source: string): Merged {
  const rawUsers = new Map<string, RawUser>();
  for (const { raw } of files) {
    for (const { name, user } of raw.users ?? []) {
      if (name !== undefined && user && !rawUsers.has(name)) rawUsers.set(name, user);
    }
  }
  return {
    source: source || 'KUBECONFIG',
    clusters: firstOfEach(files.flatMap(({ config }) => config.clusters)),
    users: firstOfEach(files.flatMap(({ config }) => config.users)),
    contexts: firstOfEach(files.flatMap(({ config }) => config.contexts)),
    rawUsers,
    currentContext: files.map(({ config }) => config.currentContext).find(Boolean),
  };
}

function firstOfEach<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return items.filter((item, index) => items.findIndex(({ name }) => name === item.name) === index);
}

function inCluster(): boolean {
  return (
    process.env['KUBERNETES_SERVICE_HOST'] !== undefined &&
    existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token')
  );
}

function inClusterConfig(): Merged {
  const config = new KubeConfig();
  config.loadFromCluster();
  return merge([{ config, raw: {} }], 'the service account of this Pod');
}
