import { refuses, types } from './step.ts';

const three = "sed 's/replicas: 2/replicas: 3/' web.yaml";

/** All ways to write an object, refusals included. */
export const writing = [
  refuses('kubectl diff -f web.yaml', '+  name: web\n'),
  types(
    'kubectl apply -f web.yaml --dry-run=server',
    'deployment.apps/web created (server dry run)\n',
  ),
  types('kubectl apply -f web.yaml', 'deployment.apps/web created\n'),
  types('kubectl apply -f web.yaml', 'deployment.apps/web unchanged\n'),
  types('kubectl rollout status deploy/web --timeout=60s', 'successfully rolled out'),
  types('kubectl apply view-last-applied deploy web', /^apiVersion: apps\/v1\nkind: Deployment\n/),
  refuses(
    `${three} | kubectl diff -f - | grep '^[+-] '`,
    /^- {2}generation: 1\n\+ {2}generation: 2\n- {2}replicas: 2\n\+ {2}replicas: 3\n$/,
  ),
  types('kubectl apply -f web.yaml --server-side', 'serverside-applied\n'),
  types('kubectl apply -f web.yaml --server-side --field-manager=other', 'serverside-applied\n'),
  refuses(
    `${three} | kubectl apply --server-side --field-manager=third -f -`,
    /conflicts: conflicts with "kubectl":\n- \.spec\.replicas\nconflicts with "other":\n- \.spec\.replicas\n/,
  ),
  types(
    `${three} | kubectl apply --server-side --field-manager=third --force-conflicts -f -`,
    'serverside-applied\n',
  ),
  types(
    'kubectl get deploy web -o jsonpath={.metadata.managedFields[*].manager} --show-managed-fields',
    'third',
  ),
  refuses(
    "sed 's/replicas/replicsa/' web.yaml | kubectl apply -f -",
    'strict decoding error: unknown field "spec.replicsa"',
  ),
  types(
    "sed 's/replicas/replicsa/' web.yaml | kubectl apply --validate=warn -f -",
    'Warning: unknown field "spec.replicsa"\n',
  ),
  refuses(
    "sed 's/replicas: 2/replicas: two/' web.yaml | kubectl apply -f -",
    /nvalid value|Invalid/,
  ),
  refuses(
    "sed 's/web }$/other }/' web.yaml | kubectl apply -f -",
    /spec\.selector: Invalid value: [^]*: field is immutable/,
  ),
  refuses(
    'kubectl create -f web.yaml',
    'Error from server (AlreadyExists): error when creating "web.yaml": deployments.apps "web" already exists',
  ),
  types('kubectl replace -f web.yaml', 'deployment.apps/web replaced\n'),
  types(
    'kubectl replace --force -f web.yaml',
    /deployment\.apps "web" deleted.*\ndeployment\.apps\/web replaced\n/,
  ),
  types(`kubectl patch deploy web -p '{"spec":{"replicas":3}}'`, 'deployment.apps/web patched\n'),
  types(
    `kubectl patch deploy web -p '{"spec":{"replicas":3}}'`,
    // Said only when no controller has written the status since kubectl read it.
    /deployment\.apps\/web patched(?: \(no change\))?\n/,
  ),
  types(
    `kubectl patch deploy web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":2}]'`,
    'patched\n',
  ),
  types(
    `kubectl patch deploy web --subresource=scale --type=merge -p '{"spec":{"replicas":3}}'`,
    'scale.autoscaling/web patched\n',
  ),
  refuses(
    `kubectl patch deploy web --type=merge -p '{"spec":{"replicas":"x"}}'`,
    /^The request is invalid: patch: Invalid value/,
  ),
  refuses(
    `kubectl patch deploy web --type=json -p '[{"op":"remove","path":"/spec/nope"}]'`,
    'the server rejected our request due to an error in our request',
  ),
  types(
    `EDITOR='sed -i s/replicas:.3/replicas:\\ 2/' kubectl edit deploy web`,
    'deployment.apps/web edited\n',
  ),
  types('EDITOR=true kubectl edit deploy web', 'Edit cancelled, no changes made.\n'),
  refuses(
    `EDITOR='sed -i s/replicas:.2/replicas:\\ -2/' kubectl edit deploy web`,
    'deployments.apps "web" is invalid',
  ),
  types('kubectl label deploy web tier=front', 'deployment.apps/web labeled\n'),
  refuses(
    'kubectl label deploy web tier=back',
    "'tier' already has a value (front), and --overwrite is false",
  ),
  types('kubectl label deploy web tier=back --overwrite', 'labeled\n'),
  types('kubectl label deploy web tier-', 'deployment.apps/web unlabeled\n'),
  refuses("kubectl label deploy web 'bad key=1'", /invalid label key|must consist of alphanumeric/),
  types('kubectl annotate deploy web note="hi there"', 'deployment.apps/web annotate'),
  types('kubectl annotate deploy web note-', 'annotate'),
  types('kubectl scale deploy web --replicas=2', 'deployment.apps/web scaled\n'),
  refuses(
    'kubectl scale deploy web --replicas=4 --current-replicas=9',
    'xpected replicas to be 9, was 2',
  ),
  types('kubectl apply -k kustomized', 'configmap/k-one created\n'),
  types('kubectl kustomize kustomized', 'name: k-one\n'),
  types('kubectl delete -k kustomized', 'configmap "k-one" deleted'),
  types('kubectl create cm kept --from-literal=a=1', 'configmap/kept created\n'),
  types('kubectl apply -f kustomized/cm.yaml', 'configmap/one created\n'),
  types('kubectl label cm one app=web && kubectl label cm kept app=web', 'labeled\n'),
  types(
    'kubectl apply --prune -f web.yaml -l app=web --prune-allowlist=core/v1/ConfigMap',
    /deployment\.apps\/web (unchanged|configured)\nconfigmap\/one pruned\n$/,
  ),
  types('kubectl create secret generic sec --from-literal=p=hunter2', 'secret/sec created\n'),
  types(
    'kubectl create secret docker-registry dock --docker-server=x --docker-username=u --docker-password=p',
    'created\n',
  ),
  types(
    'kubectl create quota q --hard=pods=30,services=10,requests.cpu=4',
    'resourcequota/q created\n',
  ),
  types(
    'kubectl create pdb web --selector=app=web --min-available=1',
    'poddisruptionbudget.policy/web created\n',
  ),
  types(
    'kubectl create job hello --image=busybox --dry-run=server',
    'job.batch/hello created (server dry run)\n',
  ),
  types(
    "kubectl create cronjob tick --image=busybox --schedule='* * * * *' -- date",
    'cronjob.batch/tick created\n',
  ),
  types(
    'kubectl create ingress ing --rule=foo.com/bar=web:80',
    'ingress.networking.k8s.io/ing created\n',
  ),
  types(
    'kubectl create priorityclass walk-high --value=10',
    'priorityclass.scheduling.k8s.io/walk-high created\n',
  ),
  types('kubectl create deploy d2 --image=nginx --replicas=1', 'deployment.apps/d2 created\n'),
  types('kubectl create svc clusterip c1 --tcp=80:80', 'service/c1 created\n'),
  types('kubectl create svc nodeport n1 --tcp=80:80', 'service/n1 created\n'),
  types('kubectl create svc externalname e1 --external-name=example.com', 'service/e1 created\n'),
  types('kubectl expose deploy web --port=80', 'service/web exposed\n'),
  types(
    'kubectl autoscale deploy web --min=1 --max=3 --cpu-percent=50',
    'horizontalpodautoscaler.autoscaling/web autoscaled\n',
  ),
  refuses(
    'kubectl create cm kept',
    'error: failed to create configmap: configmaps "kept" already exists',
  ),
  refuses('kubectl create svc clusterip Bad_Name --tcp=80:80', 'Bad_Name'),
];
