import type { Container, Pod, ServicePort } from 'kubernetes-types/core/v1.js';
import type { PlanService } from './plan.ts';
import type { Reach } from './traffic.ts';

type PlanPort = PlanService['ports'][number];

/**
 * The Pod's own port for each port of a Service, as its slice resolved it, else by the Pod's port
 * names. One whose name no container of the Pod knows carries it no traffic. A headless Service may
 * have no ports: its name leads to the Pod, and clients choose from all that it has.
 */
export function resolvePorts({ service, slices }: Reach, pod: Pod): readonly PlanPort[] {
  const { ports = [], clusterIP } = service.spec ?? {};
  if (ports.length === 0 && clusterIP === 'None') {
    return listenersOf(pod)
      .flatMap((container) => container.ports ?? [])
      .map(({ name, containerPort, protocol }) => ({
        ...(name && { name }),
        ...(protocol && protocol !== 'TCP' && { protocol }),
        port: containerPort,
        targetPort: containerPort,
      }));
  }
  const sliced = slices.flatMap((slice) => slice.ports ?? []);
  return ports.flatMap((port) => {
    const targetPort =
      sliced.find(({ name }) => (name ?? '') === (port.name ?? ''))?.port ?? findPort(pod, port);
    if (targetPort === undefined) return [];
    const { name, protocol, nodePort } = port;
    return [
      {
        ...(name && { name }),
        ...(protocol && protocol !== 'TCP' && { protocol }),
        port: port.port,
        targetPort,
        ...(nodePort && { nodePort }),
      },
    ];
  });
}

/** Upstream's FindPort: containers first, then sidecars, by name and protocol; per Pod. */
function findPort(pod: Pod, { port, protocol, targetPort = port }: ServicePort) {
  if (typeof targetPort === 'number') return targetPort || port;
  return listenersOf(pod)
    .flatMap((container) => container.ports ?? [])
    .find((each) => each.name === targetPort && (each.protocol ?? 'TCP') === (protocol ?? 'TCP'))
    ?.containerPort;
}

/** Containers that run as long as the Pod does: also init containers that restart (sidecars). */
function listenersOf({ spec }: Pod): readonly Container[] {
  const sidecars = (spec?.initContainers ?? []).filter(
    // KEP-753, newer than the types.
    (each: Container & { restartPolicy?: string }) => each.restartPolicy === 'Always',
  );
  return [...(spec?.containers ?? []), ...sidecars];
}
