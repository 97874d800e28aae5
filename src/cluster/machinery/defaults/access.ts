import type {
  ClusterRoleBinding,
  RoleBinding,
  RoleRef,
  Subject,
} from 'kubernetes-types/rbac/v1.js';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1.js';

import type { Defaulter } from './apply-defaults.ts';

const rbac = 'rbac.authorization.k8s.io';

export const access: Readonly<Record<string, Defaulter>> = {
  [`${rbac}/v1 ClusterRoleBinding`]: (binding: ClusterRoleBinding) => defaultBinding(binding),
  [`${rbac}/v1 RoleBinding`]: (binding: RoleBinding) => defaultBinding(binding),
  'scheduling.k8s.io/v1 PriorityClass': (priorityClass: PriorityClass) => {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  },
};

function defaultBinding(binding: { roleRef?: RoleRef; subjects?: Subject[] }): void {
  if (binding.roleRef) binding.roleRef.apiGroup ||= rbac;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind !== 'ServiceAccount') subject.apiGroup ||= rbac;
  }
}
