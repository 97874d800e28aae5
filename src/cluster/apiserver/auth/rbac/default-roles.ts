import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import type { ClusterRole, PolicyRule } from 'kubernetes-types/rbac/v1.js';

const READ = 'get list watch';
const WRITE = 'create delete deletecollection patch update';
const RBAC = 'rbac.authorization.k8s.io';

const LABELS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const ANNOTATIONS = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };

type Level = 'admin' | 'edit' | 'view';

/** The roles that every cluster is born with and that people bind: what the three levels add up from, and who may look around. */
export const DEFAULT_CLUSTER_ROLES: readonly ClusterRole[] = [
  role('cluster-admin', [rule('*', '*', '*'), urls('*', '*')]),
  aggregated('admin'),
  aggregated('edit', 'admin'),
  aggregated('view', 'edit'),
  role(
    'system:aggregate-to-admin',
    [
      rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
      rule(
        'create delete deletecollection get list patch update watch',
        RBAC,
        'rolebindings roles',
      ),
    ],
    'admin',
  ),
  role('system:aggregate-to-edit', editRules(), 'edit'),
  role('system:aggregate-to-view', viewRules(), 'view'),
  // As metrics-server brings it, so that whoever may look may use `kubectl top`.
  role('system:aggregated-metrics-reader', [rule(READ, 'metrics.k8s.io', 'nodes pods')], 'view'),
  role('system:auth-delegator', [
    rule('create', 'authentication.k8s.io', 'tokenreviews'),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ]),
  role('system:basic-user', [
    rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ]),
  role('system:discovery', [
    urls(
      'get',
      '/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/',
    ),
  ]),
  role('system:monitoring', [
    urls('get', '/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*'),
  ]),
  role('system:node', nodeRules()),
  role('system:node-proxier', [
    rule('list watch', '', 'endpoints services'),
    rule(READ, '', 'nodes'),
    eventRule(),
    rule('list watch', 'discovery.k8s.io', 'endpointslices'),
  ]),
  role('system:public-info-viewer', [urls('get', '/healthz /livez /readyz /version /version/')]),
  role('system:service-account-issuer-discovery', [
    urls('get', '/.well-known/openid-configuration /openid/v1/jwks'),
  ]),
];

/** Role → the groups and the users that have it everywhere. */
const BOUND: Readonly<Record<string, { readonly groups?: string; readonly users?: string }>> = {
  'cluster-admin': { groups: 'system:masters' },
  'system:basic-user': { groups: 'system:authenticated' },
  'system:discovery': { groups: 'system:authenticated' },
  'system:monitoring': { groups: 'system:monitoring' },
  'system:node': {},
  'system:node-proxier': { users: 'system:kube-proxy' },
  'system:public-info-viewer': { groups: 'system:authenticated system:unauthenticated' },
  'system:service-account-issuer-discovery': { groups: 'system:serviceaccounts' },
};

export const DEFAULT_CLUSTER_ROLE_BINDINGS = Object.entries(BOUND).map(
  ([name, { groups, users }]) => ({
    metadata: { name, labels: LABELS, annotations: ANNOTATIONS },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
    ...((groups ?? users) && {
      subjects: [
        ...words(groups).map((one) => ({ apiGroup: RBAC, kind: 'Group', name: one })),
        ...words(users).map((one) => ({ apiGroup: RBAC, kind: 'User', name: one })),
      ],
    }),
  }),
);

function editRules(): PolicyRule[] {
  const streams = 'pods/attach pods/exec pods/portforward pods/proxy';
  return [
    rule(READ, '', `${streams} secrets services/proxy`),
    rule('impersonate', '', 'serviceaccounts'),
    rule(WRITE, '', `pods ${streams}`),
    rule('create', '', 'pods/eviction'),
    // Neither endpoints nor endpointslices: who writes them sends others' traffic where he likes (CVE-2021-25740).
    rule(
      WRITE,
      '',
      'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
    ),
    rule('create', '', 'serviceaccounts/token'),
    rule(
      WRITE,
      'apps',
      'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
    ),
    rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
    rule(WRITE, 'batch', 'cronjobs jobs'),
    rule(
      WRITE,
      'extensions',
      'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
    ),
    rule(WRITE, 'policy', 'poddisruptionbudgets'),
    rule(WRITE, 'networking.k8s.io', 'ingresses networkpolicies'),
    rule(
      'create delete deletecollection get list patch update watch',
      'coordination.k8s.io',
      'leases',
    ),
    rule(WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
  ];
}

function viewRules(): PolicyRule[] {
  return [
    rule(
      READ,
      '',
      'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
    ),
    rule(
      READ,
      '',
      'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
    ),
    rule(READ, '', 'namespaces'),
    rule(READ, 'discovery.k8s.io', 'endpointslices'),
    rule(
      READ,
      'apps',
      'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
    ),
    rule(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
    rule(READ, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
    rule(
      READ,
      'extensions',
      'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
    ),
    rule(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
    rule(READ, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
    rule(READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
  ];
}

function nodeRules(): PolicyRule[] {
  return [
    rule('create', 'authentication.k8s.io', 'tokenreviews'),
    rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
    rule(READ, '', 'services'),
    rule(`create ${READ}`, '', 'nodes'),
    rule('patch update', '', 'nodes/status'),
    rule('patch update', '', 'nodes'),
    rule('create patch update', '', 'events'),
    rule(READ, '', 'pods'),
    rule('create delete', '', 'pods'),
    rule('patch update', '', 'pods/status'),
    rule('create', '', 'pods/eviction'),
    rule(READ, '', 'configmaps secrets'),
    rule('get', '', 'persistentvolumeclaims persistentvolumes'),
    rule('get', '', 'endpoints'),
    rule(`create ${READ}`, 'certificates.k8s.io', 'certificatesigningrequests'),
    rule('create delete get patch update', 'coordination.k8s.io', 'leases'),
    rule('get', 'storage.k8s.io', 'volumeattachments'),
    rule('create', '', 'serviceaccounts/token'),
    rule('get patch update', '', 'persistentvolumeclaims/status'),
    rule(READ, 'storage.k8s.io', 'csidrivers'),
    rule('create delete get patch update', 'storage.k8s.io', 'csinodes'),
    rule(READ, 'node.k8s.io', 'runtimeclasses'),
  ];
}

function eventRule(): PolicyRule {
  return { ...rule('create patch update', '', 'events'), apiGroups: ['', 'events.k8s.io'] };
}

function rule(verbs: string, group: string, resources: string): PolicyRule {
  return { apiGroups: [group], resources: words(resources), verbs: words(verbs) };
}

function urls(verbs: string, paths: string): PolicyRule {
  return { nonResourceURLs: words(paths), verbs: words(verbs) };
}

function words(text = ''): string[] {
  return text.split(' ').filter((word) => word !== '');
}

function role(name: string, rules: PolicyRule[], partOf?: Level): ClusterRole {
  return { metadata: metadataOf(name, partOf), rules };
}

/** A role whose rules are those of all its parts; a controller puts them together. */
function aggregated(name: Level, partOf?: Level): ClusterRole {
  return {
    metadata: metadataOf(name, partOf),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [partLabel(name)]: 'true' } }] },
    rules: [],
  };
}

function metadataOf(name: string, partOf: Level | undefined): ObjectMeta {
  const labels = { ...LABELS, ...(partOf && { [partLabel(partOf)]: 'true' }) };
  return { name, labels, annotations: ANNOTATIONS };
}

function partLabel(level: Level): string {
  return `${RBAC}/aggregate-to-${level}`;
}
