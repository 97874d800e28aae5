import { refuses, types } from './step.ts';

/** Deletion in all its manners, until nothing is left. */
export const tidyingUp = [
  refuses('kubectl delete pod nope', 'Error from server (NotFound): pods "nope" not found'),
  types(
    'kubectl delete pod -l app=web --dry-run=server',
    /pod "web-\S+" deleted.*\(server dry run\)\n/,
  ),
  types('kubectl delete deploy d2 --cascade=orphan', 'deployment.apps "d2" deleted'),
  types('kubectl get rs,pods -l app=d2', /replicaset\.apps\/d2-\w+ +1 +1 [^]*pod\/d2-\w+-\w+ /),
  types('kubectl delete rs -l app=d2 --cascade=foreground --timeout=60s', 'replicaset.apps "d2-'),
  types('kubectl get pods -l app=d2 -o name', /^$/),
  types('kubectl delete job hello --cascade=background --wait=false', 'job.batch "hello" deleted'),
  types('kubectl delete pod one-copy --grace-period=0 --force', /pod "one-copy" force deleted/),
  types('kubectl run two --image=pause', 'pod/two created\n'),
  types('kubectl delete pod two --now', 'pod "two" deleted'),
  types('kubectl delete svc c1 n1 e1', 'service "c1" deleted'),
  types('kubectl delete -f db-and-agent.yaml --timeout=60s', 'statefulset.apps "db" deleted'),
  types('kubectl delete pvc --all --timeout=60s', 'persistentvolumeclaim "data-db-0" deleted'),
  types('kubectl delete all --all --timeout=60s', /deployment\.apps "web" deleted/),
  types('kubectl wait pods --all --for=delete --timeout=60s', ''),
  types('kubectl get all', 'No resources found in walk namespace.'),
  types('kubectl config set-context --current --namespace=default', 'modified.'),
  types('kubectl delete ns walk --timeout=60s', 'namespace "walk" deleted\n'),
  refuses('kubectl get ns walk', 'Error from server (NotFound): namespaces "walk" not found'),
  types('kubectl get pv', 'No resources found'),
];
