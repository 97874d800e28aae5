import type { Container, Pod, Probe } from 'kubernetes-types/core/v1.js';

/**
 * The ports that the kubelet probes, and how long the slowest probe of each may take (ms): a
 * connection from the node to one of them that is older is no probe.
 */
export function probedPorts(pod: Pod): ReadonlyMap<number, number> {
  const ports = new Map<number, number>();
  for (const container of [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]) {
    for (const probe of [
      container.livenessProbe,
      container.readinessProbe,
      container.startupProbe,
    ]) {
      const port = probe && portOf(probe, container);
      if (port === undefined) continue;
      const timeoutMs = (probe?.timeoutSeconds ?? 1) * 1000;
      ports.set(port, Math.max(timeoutMs, ports.get(port) ?? 0));
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
