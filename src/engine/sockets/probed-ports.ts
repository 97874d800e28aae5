import type { Container, Pod, Probe } from 'kubernetes-types/core/v1.js';
import type { ProbedPort } from './connections.ts';

/** The ports that the kubelet probes, and which connections of the node may be its probes. */
export function probedPorts(pod: Pod): ReadonlyMap<number, ProbedPort> {
  const ports = new Map<number, ProbedPort>();
  for (const container of [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]) {
    for (const probe of [
      container.livenessProbe,
      container.readinessProbe,
      container.startupProbe,
    ]) {
      const port = probe && portOf(probe, container);
      if (probe === undefined || port === undefined) continue;
      const { timeoutMs, periodsMs } = ports.get(port) ?? { timeoutMs: 0, periodsMs: [] };
      ports.set(port, {
        timeoutMs: Math.max(timeoutMs, (probe.timeoutSeconds ?? 1) * 1000),
        periodsMs: [...periodsMs, (probe.periodSeconds ?? 10) * 1000],
      });
    }
  }
  return ports;
}

function portOf(
  { httpGet, tcpSocket, grpc }: Probe,
  { ports = [] }: Container,
): number | undefined {
  const port = httpGet?.port ?? tcpSocket?.port ?? grpc?.port;
  if (typeof port !== 'string') return port;
  return ports.find(({ name }) => name === port)?.containerPort;
}
