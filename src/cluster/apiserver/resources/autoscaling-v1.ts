type JsonObject = Record<string, unknown>;

interface Metric {
  readonly type?: string;
  readonly resource?: {
    readonly name?: string;
    readonly target?: { readonly type?: string; readonly averageUtilization?: number };
  };
}

/** autoscaling/v1 knows one metric, the CPU's utilisation; the others are not visible there. */
export function autoscalerToStored(autoscaler: JsonObject): JsonObject {
  const { targetCPUUtilizationPercentage: averageUtilization, ...spec } = (autoscaler['spec'] ??
    {}) as JsonObject;
  const metrics =
    averageUtilization === undefined
      ? {}
      : {
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
            },
          ],
        };
  return { ...autoscaler, apiVersion: 'autoscaling/v2', spec: { ...spec, ...metrics } };
}

export function autoscalerFromStored(autoscaler: JsonObject): JsonObject {
  const {
    metrics = [],
    behavior: _behavior,
    ...spec
  } = (autoscaler['spec'] ?? {}) as JsonObject & {
    metrics?: readonly Metric[];
  };
  const cpu = metrics.find(({ resource }) => resource?.name === 'cpu')?.resource?.target;
  const {
    currentMetrics: _current,
    conditions: _conditions,
    ...status
  } = (autoscaler['status'] ?? {}) as JsonObject;
  return {
    ...autoscaler,
    apiVersion: 'autoscaling/v1',
    spec: {
      ...spec,
      ...(cpu?.averageUtilization !== undefined && {
        targetCPUUtilizationPercentage: cpu.averageUtilization,
      }),
    },
    status: { currentReplicas: 0, ...status },
  };
}
