import type { Kube } from '../../src/kube/index.ts';

/** Set by test/run-e2e.ts: the cluster to test on instead of an embedded one for each file. */
export const givenKubeconfig = process.env['PITSTOP_E2E_KUBECONFIG'];
/** Of whoever runs the sessions there, where that is not the one who deploys what they need. */
export const givenUserKubeconfig = process.env['PITSTOP_E2E_USER_KUBECONFIG'];

/** What the names of this run's namespaces on a given cluster begin with, and their label's value. */
const run = process.env['PITSTOP_E2E_RUN'] ?? 'pitstop-e2e';
export const runLabel = 'e2e.pitstop.dev/run';

/** What a namespace is called: as wanted, and on a cluster that is not ours alone by a name of our own. */
export function namespaceName(wanted: string): string {
  const isOwn = givenKubeconfig === undefined || wanted.startsWith(run);
  return isOwn ? wanted : `${run}-${wanted}`.slice(0, 63);
}

/** Creates a namespace and answers its name; on a given cluster a label says whose it is. */
export async function createNamespace(kube: Kube, wanted: string): Promise<string> {
  const name = namespaceName(wanted);
  const labels = givenKubeconfig === undefined ? {} : { labels: { [runLabel]: run } };
  await kube.create('namespaces', { metadata: { name, ...labels } });
  made.push(name);
  return name;
}

/** Those of this test file: what runs in them would leave no room for the next on a small cluster. */
const made: string[] = [];

export async function removeNamespaces(kube: Kube): Promise<void> {
  await Promise.all(
    made.splice(0).map((name) => kube.delete({ resource: 'namespaces', name }).catch(() => {})),
  );
}
