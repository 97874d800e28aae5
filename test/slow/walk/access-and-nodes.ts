import { refuses, types } from './step.ts';

const node = '$(kubectl get nodes -o jsonpath={.items[1].metadata.name})';

/** Who may do what, and nodes that are taken out of service. */
export const accessAndNodes = [
  types(
    'kubectl create role reader --verb=get,list --resource=pods',
    'role.rbac.authorization.k8s.io/reader created\n',
  ),
  types('kubectl create rolebinding reader --role=reader --serviceaccount=walk:robot', 'created\n'),
  types(
    'kubectl set subject rolebinding reader --user=jane',
    'rolebinding.rbac.authorization.k8s.io/reader subjects updated\n',
  ),
  types('kubectl describe role reader', /pods +\[\] +\[\] +\[get list\]/),
  types('kubectl describe rolebinding reader', /ServiceAccount +robot +walk\n/),
  types('kubectl describe sa robot', /Name: +robot\n/),
  types('kubectl auth can-i get pods --as=system:serviceaccount:walk:robot', /^yes\n$/),
  refuses('kubectl auth can-i delete pods --as=jane', /^no\n/),
  types('kubectl auth can-i --list --as=jane', /pods +\[\] +\[\] +\[get list\]/),
  refuses(
    'kubectl get secrets --as=jane',
    'Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "walk"',
  ),
  types('kubectl create clusterrolebinding viewers --clusterrole=view --group=devs', 'created\n'),
  types('kubectl get cm --as=joe --as-group=devs -o name', 'configmap/kept\n'),
  types(
    'kubectl auth reconcile -f <(kubectl get role reader -o yaml)',
    /reader (reconciled|unchanged)/,
  ),
  types(
    'kubectl --kubeconfig=/dev/null --server=$(kubectl config view --minify -o jsonpath={.clusters[0].cluster.server}) --insecure-skip-tls-verify --token=$(kubectl create token robot) get pods -n walk -o name',
    'pod/one\n',
  ),
  types(
    "openssl req -new -newkey rsa:2048 -nodes -keyout $T/key -subj /CN=anna/O=dev 2> $T/log | base64 -w0 > $T/csr; printf 'apiVersion: certificates.k8s.io/v1\\nkind: CertificateSigningRequest\\nmetadata: {name: anna}\\nspec: {request: %s, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}\\n' $(cat $T/csr) | kubectl apply -f -",
    'certificatesigningrequest.certificates.k8s.io/anna created\n',
  ),
  types('kubectl certificate approve anna', 'anna approved\n'),
  types(
    'kubectl get csr anna',
    /anna +\d+s +kubernetes\.io\/kube-apiserver-client +kubernetes-admin +<none> +Approved,Issued\n/,
  ),
  types('kubectl describe csr anna', /Common Name: +anna\n/),
  types(`kubectl cordon ${node}`, 'cordoned\n'),
  types('kubectl get nodes', 'Ready,SchedulingDisabled'),
  types(
    `kubectl drain ${node} --ignore-daemonsets --delete-emptydir-data --force --timeout=60s`,
    /already cordoned\n[^]*evicting pod walk\/[^]* drained\n$/,
  ),
  types(
    `kubectl get pods -o name --field-selector spec.nodeName=${node}`,
    /^(pod\/agent-\w{5}\n)?$/,
  ),
  types(`kubectl uncordon ${node}`, 'uncordoned\n'),
  types(`kubectl taint nodes ${node} k=v:NoSchedule`, 'tainted\n'),
  refuses(
    `kubectl taint nodes ${node} k=v:NoSchedule`,
    'already has k taint(s) with same effect(s) and --overwrite is false',
  ),
  types(`kubectl taint nodes ${node} k-`, 'untainted\n'),
  types(`kubectl describe node ${node}`, /Taints: +<none>\n[^]*Non-terminated Pods:/),
];
