export { type Balancer, type BalancerOptions, startBalancer } from './balancer.ts';
export type { ProxyFollows } from './routing-table.ts';
export type { EndpointStatistics } from './statistics.ts';
