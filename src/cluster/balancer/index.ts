export { startBalancer } from './balancer.ts';
export type { ProxyFollows } from './routing-table.ts';
export { endpointMetrics } from './metrics.ts';
