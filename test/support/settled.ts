import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Kube } from '../../src/kube/index.ts';
import { readListed } from './listed.ts';
import { until } from './until.ts';

/**
 * Waits until a Deployment has counted its Pods and says that it has nothing more to do, and until the
 * slices and the Endpoints of its Service list each of them: whatever reads otherwise afterwards was
 * made to.
 */
export async function awaitSettled(
  kube: Kube,
  namespace: string,
  app: { readonly deployment: string; readonly service: string; readonly replicas: number },
): Promise<void> {
  const { replicas } = app;
  await until(`service/${app.service} of ${namespace} lists ${replicas}`, async () => {
    const { slices, endpoints } = await readListed(kube, namespace, app.service);
    return slices.length === replicas && endpoints.length === replicas;
  });
  await until(`deployment/${app.deployment} of ${namespace} is complete`, async () => {
    const reference = { resource: 'deployments', namespace, name: app.deployment } as const;
    const { metadata, status } = (await kube.get<Deployment>(reference)) ?? {};
    const progress = status?.conditions?.find(({ type }) => type === 'Progressing');
    return (
      status?.observedGeneration === metadata?.generation &&
      status?.availableReplicas === replicas &&
      progress?.reason === 'NewReplicaSetAvailable'
    );
  });
}
