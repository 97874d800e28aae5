import { refuses, types } from './step.ts';

/** `set` and `rollout`, on all three kinds of workloads. */
export const rollingOut = [
  types('kubectl set image deploy/web web=httpd', 'deployment.apps/web image updated\n'),
  types('kubectl rollout status deploy web --timeout=60s', 'successfully rolled out'),
  types('kubectl rollout undo deploy web', 'deployment.apps/web rolled back\n'),
  types('kubectl rollout status deploy web --timeout=60s', 'successfully rolled out'),
  types('kubectl rollout history deploy web', /REVISION +CHANGE-CAUSE\n2 +<none>\n3 +<none>\n/),
  types('kubectl rollout history deploy web --revision=2', /revision #2\n[^]*Image:\thttpd\n/),
  refuses(
    'kubectl rollout undo deploy web --to-revision=77',
    'unable to find specified revision 77 in history',
  ),
  types('kubectl rollout pause deploy web', 'deployment.apps/web paused\n'),
  refuses('kubectl rollout pause deploy web', 'deployments.apps "web" is already paused'),
  refuses('kubectl rollout restart deploy web', "can't restart paused deployment"),
  types('kubectl set env deploy/web A=1', 'deployment.apps/web env updated\n'),
  types('kubectl set env deploy/web --list', /A=1\n/),
  types('kubectl set resources deploy/web --requests=cpu=20m', 'resource requirements updated\n'),
  types('kubectl create sa robot', 'serviceaccount/robot created\n'),
  types(
    'kubectl set serviceaccount deploy/web robot',
    'deployment.apps/web serviceaccount updated\n',
  ),
  types("kubectl set selector svc n1 'app=web'", 'service/n1 selector updated\n'),
  types('kubectl rollout resume deploy web', 'deployment.apps/web resumed\n'),
  types('kubectl rollout restart deploy web', 'deployment.apps/web restarted\n'),
  types('kubectl rollout status deploy web --timeout=60s', 'successfully rolled out'),
  types(
    'kubectl apply -f db-and-agent.yaml',
    /service\/db created\nstatefulset\.apps\/db created\ndaemonset\.apps\/agent created\n/,
  ),
  types(
    'kubectl rollout status sts db --timeout=60s',
    'partitioned roll out complete: 2 new pods have been updated...\n',
  ),
  types(
    'kubectl rollout status ds agent --timeout=60s',
    'daemon set "agent" successfully rolled out\n',
  ),
  types(
    'kubectl get sts,ds,pvc,pv',
    /statefulset\.apps\/db +2\/2 [^]*daemonset\.apps\/agent +2 +2 +2 +2 +2 [^]*data-db-0 +Bound +pvc-\S+ +1Mi +RWO +standard [^]*Delete +Bound +walk\/data-db-/,
  ),
  types(
    'kubectl describe sts db',
    /Pods Status: +2 Running \/ 0 Waiting[^]*create Pod db-1 in StatefulSet db successful\n/,
  ),
  types(
    'kubectl describe ds agent',
    /Number of Nodes Scheduled with Available Pods: 2\n[^]*Created pod: agent-/,
  ),
  types('kubectl describe pvc data-db-0', /Used By: +db-0\n/),
  types('kubectl describe pv', /Claim: +walk\/data-db-/),
  types(
    'kubectl rollout restart sts/db ds/agent',
    'statefulset.apps/db restarted\ndaemonset.apps/agent restarted\n',
  ),
  types('kubectl rollout status sts db --timeout=60s', 'partitioned roll out complete'),
  types('kubectl rollout status ds agent --timeout=60s', 'successfully rolled out'),
  types('kubectl rollout history sts db', /\n1 +<none>\n2 +<none>\n/),
  types(
    'kubectl rollout undo sts/db ds/agent',
    'statefulset.apps/db rolled back\ndaemonset.apps/agent rolled back\n',
  ),
  types('kubectl rollout status sts db --timeout=60s', 'partitioned roll out complete'),
  types('kubectl get controllerrevisions', /statefulset\.apps\/db +3 /),
];
