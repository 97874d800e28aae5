// A small controller, as one writes them with @kubernetes/client-node: every Namespace with a label
// `team` has a ConfigMap `team` that names it, whatever others do to it.
import { CoreV1Api, makeInformer, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';

/** Runs until `signal` aborts; `kubeConfig` is a client-node KubeConfig. */
export async function runTeamConfig(kubeConfig, signal) {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const reconcile = (namespace) => {
    ensure(core, namespace).catch((error) => {
      if (signal.aborted) return;
      // Tried again, as every reconcile that failed.
      setTimeout(() => reconcile(namespace), 200);
      console.error(`${namespace}: ${error.message}`);
    });
  };

  const namespaces = makeInformer(kubeConfig, '/api/v1/namespaces', () => core.listNamespace());
  namespaces.on('add', ({ metadata }) => reconcile(metadata.name));
  namespaces.on('update', ({ metadata }) => reconcile(metadata.name));

  const fieldSelector = 'metadata.name=team';
  const configs = makeInformer(
    kubeConfig,
    '/api/v1/configmaps',
    () => core.listConfigMapForAllNamespaces({ fieldSelector }),
    undefined,
    fieldSelector,
  );
  configs.on('update', ({ metadata }) => reconcile(metadata.namespace));
  configs.on('delete', ({ metadata }) => reconcile(metadata.namespace));

  for (const informer of [namespaces, configs]) {
    // A watch that was refused or cut is begun again, as controllers have to.
    informer.on('error', () => {
      if (!signal.aborted) setTimeout(() => void informer.start(), 200);
    });
    await informer.start();
  }
  signal.addEventListener('abort', () => {
    for (const informer of [namespaces, configs]) void informer.stop();
  });
}

async function ensure(core, name) {
  const { metadata, status } = await core.readNamespace({ name });
  const team = metadata.labels?.team;
  if (team === undefined || status.phase === 'Terminating') return;
  await core.patchNamespacedConfigMap(
    {
      name: 'team',
      namespace: name,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'team' }, data: { team } },
      fieldManager: 'team-config',
      force: true,
    },
    setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
  );
}
