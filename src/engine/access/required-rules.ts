import type { ResourceName } from '../../kube/index.ts';
import type { RouteName } from '../plan/plan.ts';

/** One verb on one resource, in RBAC's words. */
export interface AccessRule {
  readonly group: string;
  /** With its subresource: `pods/exec`. */
  readonly resource: string;
  readonly verb: string;
  /** Only on this object; absent = on any of the namespace. */
  readonly name?: string;
  /** What does not work without it, and what is then said instead of refused. */
  readonly optional?: string;
}

/** What a session is going to do, as far as permissions depend on it. */
export interface AccessNeeds {
  readonly route: RouteName | 'selector';
  /** Of the Pod; absent = any Pod of the namespace. */
  readonly pod?: string | undefined;
  /** What is read to find the Pod: a workload or Service that the user named. */
  readonly target?: ResourceName | undefined;
  /** Kinds that are read on the way to the Pod's owner: `ReplicaSet`, `Deployment`, … */
  readonly ownerKinds?: readonly string[] | undefined;
  /** A condition of the Pod is set (route gate, alone or beside labels). */
  readonly setsConditions?: boolean | undefined;
  /** Entries of hand-made slices or Endpoints are taken out and put back. */
  readonly editsEntries?: boolean | undefined;
  /** The Pod may be deleted rather than brought home. */
  readonly deletes?: boolean | undefined;
  /** An ephemeral container is added to the Pod. */
  readonly addsContainer?: boolean | undefined;
  /** Something is run in the container: the look at its sockets, a diagnostic. */
  readonly execs?: boolean | undefined;
  /** Name of the diagnostic that may need a port-forward. */
  readonly forwardsFor?: string | undefined;
  /** Minor version of the server (1.x); absent = not known. */
  readonly serverMinor?: number | undefined;
}

const discovery = 'discovery.k8s.io';

const owners: Readonly<Record<string, { readonly group: string; readonly resource: string }>> = {
  Deployment: { group: 'apps', resource: 'deployments' },
  ReplicaSet: { group: 'apps', resource: 'replicasets' },
  StatefulSet: { group: 'apps', resource: 'statefulsets' },
  DaemonSet: { group: 'apps', resource: 'daemonsets' },
  ReplicationController: { group: '', resource: 'replicationcontrollers' },
  Job: { group: 'batch', resource: 'jobs' },
};

/** Whatever may own a Pod, as far as pitstop knows it. */
export const allOwnerKinds = Object.keys(owners);

/** The permissions that a session needs on its way out and back, on a server of that version. */
export function requiredRules(needs: AccessNeeds): readonly AccessRule[] {
  return [
    ...reading(needs),
    ...leaving(needs),
    ...(needs.execs ? streaming('pods/exec', needs) : []),
    ...(needs.forwardsFor === undefined ? [] : forwarding(needs, needs.forwardsFor)),
    ...optional(),
  ];
}

function reading({ target, ownerKinds = [] }: AccessNeeds): readonly AccessRule[] {
  const named = Object.values(owners).find(({ resource }) => resource === target);
  return [
    ...rules('', 'pods', ['get', 'list', 'watch']),
    ...rules('', 'services', ['list']),
    ...rules(discovery, 'endpointslices', ['list', 'watch']),
    ...(target ? rules(named?.group ?? '', target, ['get']) : []),
    ...ownerKinds.flatMap((kind) => {
      const owner = owners[kind];
      return owner && owner.resource !== target ? rules(owner.group, owner.resource, ['get']) : [];
    }),
  ];
}

function leaving({
  route,
  pod,
  setsConditions,
  editsEntries,
  deletes,
  addsContainer,
}: AccessNeeds): readonly AccessRule[] {
  // A release also marks the replacement, whose name nobody knows yet.
  const name = route === 'release' ? undefined : pod;
  return [
    ...rules('', 'pods', ['patch'], name),
    ...(setsConditions || route === 'gate' ? rules('', 'pods/status', ['patch'], pod) : []),
    ...(deletes ? rules('', 'pods', ['delete'], pod) : []),
    ...(addsContainer ? helperRules(pod) : []),
    ...(route === 'selector'
      ? [
          ...rules('', 'services', ['get', 'watch', 'patch']),
          ...rules(discovery, 'endpointslices', ['create', 'patch', 'delete']),
          ...rules('', 'endpoints', ['get', 'list', 'watch', 'patch']),
        ]
      : []),
    // Its own slices it lists and watches; one made by hand is read by its name.
    ...(editsEntries && route === 'selector' ? rules(discovery, 'endpointslices', ['get']) : []),
    ...(editsEntries && route !== 'selector'
      ? [
          ...rules(discovery, 'endpointslices', ['get', 'patch']),
          ...rules('', 'endpoints', ['get', 'patch']),
        ]
      : []),
  ];
}

/** For an ephemeral container in the Pod. */
export function helperRules(pod: string | undefined): readonly AccessRule[] {
  return rules('', 'pods/ephemeralcontainers', ['patch'], pod);
}

/**
 * exec over a WebSocket is a GET, hence verb `get`; 1.35 asks for `create` as well
 * (AuthorizePodWebsocketUpgradeCreatePermission, k/k#134577). So for port-forward.
 */
function streaming(
  resource: 'pods/exec' | 'pods/portforward',
  { pod, serverMinor }: AccessNeeds,
): readonly AccessRule[] {
  const get = rules('', resource, ['get'], pod);
  if (serverMinor !== undefined && serverMinor < 35) return get;
  const create = rules('', resource, ['create'], pod);
  if (serverMinor !== undefined) return [...get, ...create];
  return [
    ...get,
    ...create.map((rule) => ({
      ...rule,
      optional: 'servers from 1.35 on would refuse to run anything in the container',
    })),
  ];
}

/** Only the way for a container without a tool that speaks HTTP. */
function forwarding(needs: AccessNeeds, diagnostic: string): readonly AccessRule[] {
  return streaming('pods/portforward', needs).map((rule) => ({
    ...rule,
    optional: `${diagnostic} works only where the container has curl, wget or bash`,
  }));
}

function optional(): readonly AccessRule[] {
  return [
    {
      group: 'events.k8s.io',
      resource: 'events',
      verb: 'create',
      optional: 'no Kubernetes Events will tell of the session',
    },
    {
      group: 'policy',
      resource: 'poddisruptionbudgets',
      verb: 'list',
      optional: 'interlock pdb is not checked',
    },
    {
      group: 'autoscaling',
      resource: 'horizontalpodautoscalers',
      verb: 'list',
      optional: 'interlock hpa-scale-down is not checked',
    },
    {
      group: 'networking.k8s.io',
      resource: 'networkpolicies',
      verb: 'list',
      optional: 'what NetworkPolicies would no longer apply to is not said',
    },
    ...Object.values(owners)
      .filter(({ resource }) => resource !== 'deployments')
      .flatMap(({ group, resource }) =>
        rules(group, resource, ['list']).map((rule) => ({
          ...rule,
          optional: 'one that would adopt the Pod while it is out is not noticed',
        })),
      ),
  ];
}

function rules(
  group: string,
  resource: string,
  verbs: readonly string[],
  name?: string,
): readonly AccessRule[] {
  return verbs.map((verb) => ({ group, resource, verb, ...(name && { name }) }));
}
