import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { request } from 'node:https';
import { cgroupsOf } from '../cgroup-directories.ts';
import { childrenOf, identify } from './process-identity.ts';
import { clusterVariable, marked } from './reap.ts';
import { readAccess } from './kubeconfig.ts';

const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];

/** What the processes of a cluster hold that this process does not: its namespaces, and their pids. */
export interface Traces {
  readonly uid: string;
  readonly pids: readonly number[];
  readonly namespaces: ReadonlySet<string>;
  readonly mounts: string;
  /** Clock ticks since boot. */
  readonly takenAt: number;
}

export function tracesOf(uid: string, pid: number): Traces {
  const pids = descendantsOf(pid);
  const ours = new Set(namespacesOf(process.pid));
  return {
    uid,
    pids,
    namespaces: new Set(pids.flatMap(namespacesOf).filter((namespace) => !ours.has(namespace))),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
    takenAt: Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100,
  };
}

/** What of it is still there: nothing, after a cluster has ended. */
export async function leftOf(traces: Traces): Promise<readonly string[]> {
  // The kernel gives the numbers of namespaces again, to whatever starts beside this test: what is
  // younger than the traces must carry the mark.
  const living = readdirSync('/proc').filter(
    (entry) =>
      /^\d+$/.test(entry) && startOf(+entry) <= traces.takenAt && !isOfAnother(entry, traces.uid),
  );
  const held = living.flatMap((pid) =>
    namespacesOf(Number(pid)).filter((namespace) => traces.namespaces.has(namespace)),
  );
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8') === traces.mounts ? [] : ['a mount'];
  return [
    ...new Set(held),
    ...mounts,
    ...traces.pids.filter((pid) => startOf(pid) <= traces.takenAt).map((pid) => `process ${pid}`),
    ...cgroupsOf(traces.uid).map((path) => `cgroup ${path}`),
    ...(await marked(traces.uid)).map((pid) => `marked process ${pid}`),
  ];
}

/** One request to the API with the cluster's own kubeconfig. */
export async function call<T>(
  kubeconfig: string,
  path: string,
  options: { readonly method?: string; readonly body?: unknown } = {},
): Promise<T> {
  const access = await readAccess(kubeconfig);
  if (!access) throw new Error(`no access in ${kubeconfig}`);
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const headers = {
    authorization: `Bearer ${access.token}`,
    'content-type': 'application/json',
  };
  request(
    access.server + path,
    { ca: access.ca, agent: false, headers, method: options.method ?? 'GET' },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text) as T);
        else reject(new Error(`${path}: ${response.statusCode} ${text}`));
      });
    },
  )
    .on('error', reject)
    .end(options.body === undefined ? undefined : JSON.stringify(options.body));
  return await promise;
}

/** A process of a cluster beside this one may be older and have made its namespaces later. */
function isOfAnother(pid: string, uid: string): boolean {
  try {
    const marks = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    const mark = marks.find((entry) => entry.startsWith(`${clusterVariable}=`));
    return mark !== undefined && mark !== `${clusterVariable}=${uid}`;
  } catch {
    return false;
  }
}

function startOf(pid: number): number {
  return Number(identify(pid)?.started.split('/').at(-1) ?? Infinity);
}

function descendantsOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(descendantsOf)];
}

function namespacesOf(pid: number): readonly string[] {
  try {
    return kinds.map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
  } catch {
    return [];
  }
}
