import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from 'kubernetes-types/autoscaling/v1.js';
import type { HorizontalPodAutoscaler, HPAScalingRules } from 'kubernetes-types/autoscaling/v2.js';

import type { Defaulter } from './apply-defaults.ts';

export const autoscaling: Readonly<Record<string, Defaulter>> = {
  'autoscaling/v1 HorizontalPodAutoscaler': ({ spec }: HorizontalPodAutoscalerV1) => {
    if (spec) spec.minReplicas ??= 1;
  },
  'autoscaling/v2 HorizontalPodAutoscaler': ({ spec }: HorizontalPodAutoscaler) => {
    if (!spec) return;
    spec.minReplicas ??= 1;
    spec.metrics ??= [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ];
    if (!spec.behavior) return;
    spec.behavior.scaleUp = defaultRules(spec.behavior.scaleUp, {
      stabilizationWindowSeconds: 0,
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    });
    spec.behavior.scaleDown = defaultRules(spec.behavior.scaleDown, {
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    });
  },
};

function defaultRules(
  given: HPAScalingRules | undefined,
  defaults: HPAScalingRules,
): HPAScalingRules {
  return { selectPolicy: 'Max', ...defaults, ...given };
}
