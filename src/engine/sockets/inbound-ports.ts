import type { Pod } from 'kubernetes-types/core/v1.js';

/** Where the proxy of a mesh takes what was sent to the app's port; the app only hears its proxy. */
const meshPorts: Readonly<Record<string, readonly number[]>> = {
  // Istio and Kuma redirect to 15006; waypoint and HBONE traffic comes to 15008.
  'istio-proxy': [15006, 15008],
  'kuma-sidecar': [15006],
  'linkerd-proxy': [4143],
  'consul-dataplane': [20000],
};

/** Istio's ambient mode has no sidecar: ztunnel listens inside the Pod's network all the same. */
const ambientAnnotation = 'ambient.istio.io/redirection';
const ambientPorts = [15006, 15008];

/** The ports at which a Service's connections show in the Pod: its target ports, and its mesh's. */
export function inboundPorts(pod: Pod, targetPorts: readonly number[]): ReadonlySet<number> {
  if (targetPorts.length === 0) return new Set();
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const proxies = [...containers, ...initContainers].flatMap(({ name }) => meshPorts[name] ?? []);
  const isAmbient = pod.metadata?.annotations?.[ambientAnnotation] === 'enabled';
  return new Set([...targetPorts, ...proxies, ...(isAmbient ? ambientPorts : [])]);
}
