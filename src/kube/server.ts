import { sendWithRetries } from './retry.ts';
import { isOk, refusal } from './status.ts';
import type { Transport } from './transport.ts';
import type { Kube } from './types.ts';

/** What a server says of itself: its version, and the APIs it serves. */
export function serverCalls(
  transport: Transport,
  timeoutMs: number,
): Pick<Kube, 'version' | 'discover'> {
  async function read(path: string, what: string, signal: AbortSignal | undefined) {
    const answer = await sendWithRetries(transport, { method: 'GET', path, signal, timeoutMs });
    if (answer.status === 404) return undefined;
    if (!isOk(answer.status)) throw refusal(answer, { verb: 'get', resource: what });
    return JSON.parse(answer.body) as unknown;
  }
  return {
    async version({ signal } = {}) {
      const said = await read('/version', '/version', signal);
      const { major = '', minor = '', gitVersion = '' } = (said ?? {}) as Partial<VersionInfo>;
      // Some providers say "32+".
      return { major: parseInt(major, 10), minor: parseInt(minor, 10), gitVersion };
    },
    async discover(groupVersion, { signal } = {}) {
      const path = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
      const list = (await read(path, path, signal)) as ResourceList | undefined;
      return list && new Set((list.resources ?? []).map(({ name }) => name));
    },
  };
}

interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}

interface ResourceList {
  readonly resources?: readonly { readonly name: string }[];
}
