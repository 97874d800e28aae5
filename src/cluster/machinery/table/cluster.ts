import type { Lease } from 'kubernetes-types/coordination/v1.js';
import type {
  ConfigMap,
  Namespace,
  Node,
  ResourceQuota,
  Secret,
  ServiceAccount,
} from 'kubernetes-types/core/v1.js';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { RuntimeClass } from 'kubernetes-types/node/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import type { RoleBinding } from 'kubernetes-types/rbac/v1.js';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1.js';

import { nameOf, none, type Printer } from './cells.ts';

export const cluster: Readonly<Record<string, Printer>> = {
  configmaps: (map: ConfigMap, { age }) => [
    nameOf(map),
    Object.keys({ ...map.data, ...map.binaryData }).length,
    age,
  ],
  namespaces: (namespace: Namespace, { age }) => [
    nameOf(namespace),
    namespace.status?.phase ?? '',
    age,
  ],
  nodes: (node: Node, { age }) => {
    const info = node.status?.nodeInfo;
    return [
      nameOf(node),
      nodeStatus(node),
      nodeRoles(node),
      age,
      info?.kubeletVersion ?? '',
      addressOf(node, 'InternalIP'),
      addressOf(node, 'ExternalIP'),
      info?.osImage || '<unknown>',
      info?.kernelVersion ? `${info.kernelVersion} (${info.architecture})` : '<unknown>',
      info?.containerRuntimeVersion || '<unknown>',
    ];
  },
  resourcequotas: (quota: ResourceQuota, { age }) => {
    const hard = quota.status?.hard ?? {};
    const used = quota.status?.used ?? {};
    const entries = Object.keys(hard)
      .sort()
      .map((name) => [name, `${name}: ${used[name] ?? 0}/${hard[name]}`] as const);
    const isLimit = (name: string) => name.startsWith('limits.');
    return [
      nameOf(quota),
      entries
        .filter(([name]) => !isLimit(name))
        .map(([, text]) => text)
        .join(', '),
      entries
        .filter(([name]) => isLimit(name))
        .map(([, text]) => text)
        .join(', '),
      age,
    ];
  },
  secrets: (secret: Secret, { age }) => [
    nameOf(secret),
    secret.type ?? '',
    Object.keys(secret.data ?? {}).length,
    age,
  ],
  serviceaccounts: (account: ServiceAccount, { age }) => [nameOf(account), age],
  'autoscaling/horizontalpodautoscalers': (autoscaler: HorizontalPodAutoscaler, { age }) => {
    const { spec, status } = autoscaler;
    const { kind = '', name = '' } = spec?.scaleTargetRef ?? {};
    return [
      nameOf(autoscaler),
      `${kind}/${name}`,
      autoscalingTargets(autoscaler),
      spec?.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
      String(spec?.maxReplicas ?? 0),
      String(status?.currentReplicas ?? 0),
      age,
    ];
  },
  'coordination.k8s.io/leases': (lease: Lease, { age }) => [
    nameOf(lease),
    lease.spec?.holderIdentity ?? '',
    age,
  ],
  'node.k8s.io/runtimeclasses': (runtimeClass: RuntimeClass, { age }) => [
    nameOf(runtimeClass),
    runtimeClass.handler,
    age,
  ],
  'policy/poddisruptionbudgets': (budget: PodDisruptionBudget, { age }) => [
    nameOf(budget),
    String(budget.spec?.minAvailable ?? 'N/A'),
    String(budget.spec?.maxUnavailable ?? 'N/A'),
    budget.status?.disruptionsAllowed ?? 0,
    age,
  ],
  'rbac.authorization.k8s.io/clusterrolebindings': bindingCells,
  'rbac.authorization.k8s.io/rolebindings': bindingCells,
  'scheduling.k8s.io/priorityclasses': (priorityClass: PriorityClass, { age }) => [
    nameOf(priorityClass),
    priorityClass.value,
    priorityClass.globalDefault ?? false,
    age,
    priorityClass.preemptionPolicy ?? '',
  ],
};

function bindingCells(binding: RoleBinding, { age }: { readonly age: string }): unknown[] {
  const subjects = (wanted: string) =>
    (binding.subjects ?? [])
      .filter(({ kind }) => kind === wanted)
      .map(({ name, namespace }) => (wanted === 'ServiceAccount' ? `${namespace}/${name}` : name))
      .join(', ');
  return [
    nameOf(binding),
    `${binding.roleRef.kind}/${binding.roleRef.name}`,
    age,
    subjects('User'),
    subjects('Group'),
    subjects('ServiceAccount'),
  ];
}

function nodeStatus({ spec, status }: Node): string {
  const ready = (status?.conditions ?? []).find(({ type }) => type === 'Ready');
  const state = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return spec?.unschedulable ? `${state},SchedulingDisabled` : state;
}

function nodeRoles({ metadata }: Node): string {
  const roles = Object.entries(metadata?.labels ?? {}).flatMap(([key, value]) => {
    const [, role] = /^node-role\.kubernetes\.io\/(.*)$/.exec(key) ?? [];
    if (role) return [role];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return roles.length === 0 ? none : [...new Set(roles)].sort().join(',');
}

function addressOf({ status }: Node, wanted: string): string {
  return (status?.addresses ?? []).find(({ type }) => type === wanted)?.address ?? none;
}

function autoscalingTargets({ spec, status }: HorizontalPodAutoscaler): string {
  const targets = (spec?.metrics ?? []).map((metric, index) => {
    if (metric.type !== 'Resource' || !metric.resource) return '<unknown type>';
    const { name, target } = metric.resource;
    const current = status?.currentMetrics?.[index]?.resource?.current;
    if (target.averageValue !== undefined) {
      return `${name}: ${current?.averageValue ?? '<unknown>'}/${target.averageValue}`;
    }
    const utilization = current?.averageUtilization;
    const shown = utilization === undefined ? '<unknown>' : `${utilization}%`;
    return `${name}: ${shown}/${target.averageUtilization ?? '<auto>'}%`;
  });
  if (targets.length === 0) return none;
  return targets.length > 2
    ? `${targets.slice(0, 2).join(', ')} + ${targets.length - 2} more...`
    : targets.join(', ');
}
