export { startBalancer } from './balancer.ts';
export type { Endpoint } from './endpoints.ts';
export { endpointMetrics } from './metrics.ts';
export {
  createRoutingTable,
  type ProxyFollows,
  type RoutedService,
  type RoutingTable,
} from './routing-table.ts';
export type { ServicePort } from './service-ports.ts';
export type { EndpointStatistics } from './statistics.ts';
