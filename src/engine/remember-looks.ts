import type { ExecOutput, Kube } from '../kube/index.ts';

/**
 * A connection that asks the same thing of a Pod only once: many diagnostics look for the same
 * processes, and what is only looked at does not change by it. What fails is asked again.
 */
export function rememberLooks(kube: Kube): Kube {
  const looks = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const known = looks.get(key) as Promise<T> | undefined;
    if (known) return known;
    const asked = ask();
    looks.set(key, asked);
    asked.catch(() => looks.delete(key));
    return asked;
  };
  return {
    ...kube,
    get: (reference, options) =>
      once(`get ${JSON.stringify(reference)}`, () => kube.get(reference, options)),
    execText: ({ signal, ...what }): Promise<ExecOutput> =>
      once(`exec ${JSON.stringify(what)}`, () => kube.execText({ ...what, signal })),
  };
}
