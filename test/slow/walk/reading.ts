import { refuses, types } from './step.ts';

/** Tables, descriptions and other outputs of what `writing` has made. */
export const reading = [
  types('kubectl rollout status deploy/web --timeout=60s', 'successfully rolled out'),
  types('kubectl rollout status deploy/d2 --timeout=60s', 'successfully rolled out'),
  types(
    'kubectl wait endpointslices -l kubernetes.io/service-name=web --for=jsonpath={.endpoints[1].conditions.ready}=true --timeout=60s',
    'condition met',
    { since: '1.31' },
  ),
  types(
    'kubectl get all',
    /pod\/web-\w+-\w{5} +1\/1 +Running +0 +\d+s\n[^]*deployment\.apps\/web +2\/2 +2 +2 +\d+s\n[^]*replicaset\.apps\/web-\w+ +2 +2 +2 /,
  ),
  types(
    'kubectl get pods -o wide --show-labels',
    /READINESS GATES +LABELS\n[^]* 10\.244\.[12]\.\d+ +\S+ +<none> +<none> +app=web,pod-template-hash=\w+\n/,
  ),
  types("kubectl get pods -l 'app in (web,db),!gone' -L app", /AGE +APP\n(web-.* web\n){2}$/),
  types(
    'kubectl get pods -o custom-columns=N:.metadata.name,P:.status.phase',
    /^N +P\n\S+ +Running\n/,
  ),
  types("kubectl get pods -o go-template='{{range .items}}{{.kind}}{{end}}'", 'PodPod'),
  types('kubectl get pods --sort-by=.metadata.creationTimestamp -o name', /^pod\/web-/),
  types('kubectl get pods --field-selector=status.phase=Running --no-headers | wc -l', /^3\n/),
  types('kubectl get pods --chunk-size=1 | wc -l', /^4\n/),
  types(
    'kubectl get deploy web -o yaml',
    /^apiVersion: apps\/v1\nkind: Deployment\n[^]*observedGeneration/,
  ),
  types('timeout 5 kubectl get pods -w --output-watch-events', /^EVENT +NAME.*\nADDED +/, {
    code: 124,
  }),
  types(
    'kubectl get svc,endpointslice -o wide',
    /service\/web +ClusterIP +10\.\S+ +<none> +80\/TCP +\d+s +app=web\n[^]*endpointslice\.discovery\.k8s\.io\/web-\w{5} +IPv4 +80 +10\.244\.\d\.\d+,10\.244/,
  ),
  types(
    'kubectl get ep web',
    /NAME +ENDPOINTS +AGE\nweb +10\.244\.\d\.\d+:80,10\.244\.\d\.\d+:80 /,
  ),
  refuses(
    'kubectl get deploy,svc web nope',
    /deployment\.apps\/web [^]*service\/web [^]*services "nope" not found/,
  ),
  types(
    'kubectl get cj,cm,secret,quota,pdb,ing,hpa,svc',
    /cronjob\.batch\/tick +\* \* \* \* \* +[^]*resourcequota\/q +[^]*poddisruptionbudget\.policy\/web +1 +N\/A +1 [^]*service\/e1 +ExternalName +<none> +example\.com +<none> /,
  ),
  types(
    'kubectl describe deploy web',
    /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable\n[^]*NewReplicaSet: +web-\w+ \(2\/2 replicas created\)\n[^]*Scaled up replica set/,
  ),
  types(
    'kubectl describe rs -l app=web',
    /Controlled By: +Deployment\/web\n[^]*Pods Status: +2 Running \/ 0 Waiting/,
  ),
  types(
    'kubectl describe pod -l app=web',
    /Controlled By: +ReplicaSet\/web-[^]*QoS Class: +Burstable\n[^]*Scheduled [^]*Pulled [^]*Created [^]*Started /,
  ),
  types('kubectl describe svc web', /Endpoints: +10\.244\.\d\.\d+:80,10\.244\.\d\.\d+:80\n/),
  types('kubectl describe endpointslice', /TargetRef: +Pod\/web-/),
  types(
    'kubectl describe ep web',
    /Addresses: +10\.244\.\d\.\d+,10\.244\.\d\.\d+\n +NotReadyAddresses: +<none>/,
  ),
  types('kubectl describe cm kept', /Data\n====\na:\n----\n1\n/),
  types('kubectl describe secret sec', /p: +7 bytes/),
  types('kubectl describe quota q', /pods +3 +30\n/),
  types(
    'kubectl describe pdb web',
    /Allowed disruptions: +1\n +Current: +2\n +Desired: +1\n +Total: +2\n/,
  ),
  types('kubectl describe cronjob tick', /Schedule: +\* \* \* \* \*\n/),
  types(
    'kubectl describe ingress ing',
    /\/bar +web:80 \(10\.244\.\d\.\d+:80,10\.244\.\d\.\d+:80\)\n/,
  ),
  types('kubectl describe hpa web', /Reference: +Deployment\/web\n/),
  types('kubectl describe svc e1', /External Name: +example\.com\n/),
  types('kubectl describe ns walk', /Resource Quotas\n/),
  types('kubectl get hpa web', /web +Deployment\/web +.*<unknown>\/50% +1 +3 /),
  types('kubectl get events', /Normal +SuccessfulCreate +replicaset\/web-\S+ +Created pod: web-/),
  types(
    'kubectl events --for=deploy/web',
    /ScalingReplicaSet +Deployment\/web +Scaled up replica set/,
  ),
  types('kubectl top pods', /NAME +CPU\(cores\) +MEMORY\(bytes\)/),
  types('kubectl top pods --containers', /POD +NAME +CPU\(cores\)/),
];
