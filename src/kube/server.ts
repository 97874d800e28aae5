import { sendWithRetries } from './retry.ts';
import { isOk, refusal } from './status.ts';
import type { Transport } from './transport.ts';
import type { KindReference, Kube } from './types.ts';

/** What a server says of itself (its version, the APIs it serves), and objects found by that. */
export function serverCalls(
  transport: Transport,
  timeoutMs: number,
): Pick<Kube, 'version' | 'discover' | 'getByKind'> {
  async function read(path: string, what: string, signal: AbortSignal | undefined) {
    const answer = await sendWithRetries(transport, { method: 'GET', path, signal, timeoutMs });
    if (answer.status === 404) return undefined;
    if (!isOk(answer.status)) throw refusal(answer, { verb: 'get', resource: what });
    return JSON.parse(answer.body) as unknown;
  }
  async function readResources(groupVersion: string, signal: AbortSignal | undefined) {
    const path = pathOf(groupVersion);
    const list = (await read(path, path, signal)) as ResourceList | undefined;
    return list && (list.resources ?? []);
  }
  return {
    async version({ signal } = {}) {
      const said = await read('/version', '/version', signal);
      const { major = '', minor = '', gitVersion = '' } = (said ?? {}) as Partial<VersionInfo>;
      // Some providers say "32+".
      return { major: parseInt(major, 10), minor: parseInt(minor, 10), gitVersion };
    },
    async discover(groupVersion, { signal } = {}) {
      const resources = await readResources(groupVersion, signal);
      return resources && new Set(resources.map(({ name }) => name));
    },
    async getByKind<T>(
      { apiVersion, kind, namespace, name }: KindReference,
      { signal }: { signal?: AbortSignal | undefined } = {},
    ) {
      const resources = await readResources(apiVersion, signal);
      // Subresources (`pods/exec`) come with kinds, too.
      const resource = resources?.find((each) => each.kind === kind && !each.name.includes('/'));
      if (!resource) return undefined;
      const scope =
        resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
      const path = `${pathOf(apiVersion)}${scope}/${resource.name}/${encodeURIComponent(name)}`;
      return (await read(path, resource.name, signal)) as T | undefined;
    },
  };
}

function pathOf(groupVersion: string): string {
  return groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
}

interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}

interface ResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
  }[];
}
