import { refuses, types } from './step.ts';

const forwarded = (target: string) =>
  types(
    `kubectl port-forward ${target} :80 > $T/forward & for i in $(seq 100); do grep -q 127.0.0.1 $T/forward && break; sleep 0.1; done; curl -sS http://$(sed -n 's/.*\\(127.0.0.1:[0-9]*\\).*/\\1/p' $T/forward)/; kill $!; wait`,
    'Welcome to nginx!',
    { code: 0 },
  );

/** Logs, exec, attach, cp, port-forward, proxy, run, wait and debug. */
export const inContainers = [
  types(
    "kubectl run one --image=busybox --restart=Never -- sh -c 'echo out; echo err >&2; exec sleep 300'",
    'pod/one created\n',
  ),
  types('kubectl wait pod/one --for=condition=Ready --timeout=60s', 'pod/one condition met\n'),
  types(
    "kubectl wait pod/one --for=jsonpath='{.status.phase}'=Running --timeout=60s",
    'condition met\n',
  ),
  refuses(
    'kubectl wait pod/one --for=delete --timeout=1s',
    'timed out waiting for the condition on pods/one',
  ),
  types('kubectl logs one', /^out\nerr\n$/),
  types('kubectl logs one --tail=1 --timestamps', /^\d{4}-\d\d-\d\dT\S+Z err\n$/),
  types('kubectl logs one --since=1h --limit-bytes=3', /^out$/),
  types('timeout 5 kubectl logs -f one', 'out\nerr\n', { code: 124 }),
  refuses('kubectl logs one -p', 'previous terminated container "one" in pod "one" not found'),
  refuses('kubectl logs one -c nope', 'container nope is not valid for pod one'),
  types('kubectl logs -l run=one --prefix --tail=1 --all-containers', '[pod/one/one] err\n'),
  types('kubectl logs deploy/web --all-pods=true --since=1s', '', { since: '1.33' }),
  types('kubectl exec one -- hostname', /^one\n$/),
  refuses("kubectl exec one -- sh -c 'exit 7'", 'command terminated with exit code 7', 7),
  types('kubectl exec one -- nosuchprogram', 'nosuchprogram', { code: 1 }),
  types('echo hello | kubectl exec -i one -- cat', /^hello\n$/),
  types('head -c 3000000 /dev/zero | kubectl exec -i one -- cat | wc -c', /^3000000\n$/),
  types('kubectl exec deploy/web -- env', 'KUBERNETES_SERVICE_HOST=10.96.0.1\n'),
  refuses('kubectl exec nope -- date', 'pods "nope" not found'),
  types(
    "kubectl run cat --image=busybox -i --rm --restart=Never --quiet -- sh -c 'sleep 2; echo from-run'",
    'from-run\n',
  ),
  types('script -qec \'kubectl exec -it one -- sh -c "tty; stty size"\' /dev/null', '/dev/pts/'),
  types(
    'echo data > $T/a && kubectl cp $T/a one:/tmp/a && kubectl cp one:/tmp/a $T/b && cat $T/b',
    'data\n',
  ),
  types(
    'mkdir $T/d && echo 1 > $T/d/x && kubectl cp $T/d walk/one:/tmp && kubectl exec one -- cat /tmp/d/x',
    '1\n',
  ),
  types('timeout 5 kubectl attach one', "If you don't see a command prompt, try pressing enter.", {
    code: 124,
  }),
  forwarded('deploy/web'),
  forwarded('svc/web'),
  types(
    'kubectl proxy --port=0 > $T/proxy & for i in $(seq 100); do grep -q Starting $T/proxy && break; sleep 0.1; done; curl -sS http://$(sed "s/.* //" $T/proxy)/api/v1/namespaces/walk/services/web:80/proxy/; kill $!; wait',
    'Welcome to nginx!',
  ),
  types('kubectl debug one -q --image=busybox --target=one --profile=general -- sleep 100', ''),
  types(
    "kubectl wait pod/one --for=jsonpath='{.status.ephemeralContainerStatuses[0].state.running.startedAt}' --timeout=60s",
    'condition met',
    { since: '1.31' },
  ),
  types(
    "kubectl debug one -q -i --image=busybox --profile=general -- sh -c 'sleep 2; echo ephemeral'",
    'ephemeral\n',
  ),
  types(
    'kubectl debug one --copy-to=one-copy --image=busybox --share-processes --profile=general -- sleep 60',
    'Defaulting debug container name',
  ),
  types(
    "kubectl get pod one-copy -o jsonpath='{.spec.shareProcessNamespace} {.spec.containers[*].name}'",
    'true one debugger-',
  ),
  types(
    'kubectl debug node/$(kubectl get nodes -o jsonpath={.items[0].metadata.name}) --image=busybox --profile=general -- sleep 30',
    'Creating debugging pod node-debugger-',
  ),
  types('kubectl describe pod one', /Ephemeral Containers:\n +debugger-/),
  types('kubectl create job hello --image=busybox -- echo hi', 'job.batch/hello created\n'),
  types('kubectl wait --for=condition=complete job/hello --timeout=60s', 'condition met\n'),
  types('kubectl logs job/hello', /^hi\n$/),
  types(
    'kubectl describe job hello',
    /Pods Statuses: +0 Active \(0 Ready\) \/ 1 Succeeded \/ 0 Failed\n[^]*Job completed\n/,
  ),
  types('kubectl run bad --image=registry.example/none:1', 'pod/bad created\n'),
  types(
    "kubectl wait pod/bad --for=jsonpath='{.status.containerStatuses[0].state.waiting.reason}'=ErrImagePull --timeout=60s || kubectl get pod bad",
    /condition met|ImagePull/,
  ),
  refuses('kubectl logs bad', 'container "bad" in pod "bad" is waiting to start'),
];
