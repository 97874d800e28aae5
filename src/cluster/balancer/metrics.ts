import type { MetricFamily } from '../metrics/index.ts';
import type { EndpointStatistics } from './statistics.ts';

/** The counters of all endpoints for `/metrics`, under the same names whatever carries the traffic. */
export function endpointMetrics(statistics: readonly EndpointStatistics[]): MetricFamily[] {
  const labels = statistics.map(labelsOf);
  const family = (
    name: string,
    kind: { readonly type: MetricFamily['type']; readonly help: string },
    value: (each: EndpointStatistics) => number,
  ): MetricFamily => ({
    name: `pitstop_cluster_endpoint_${name}`,
    ...kind,
    samples: statistics.map((each, index) => ({ labels: labels[index]!, value: value(each) })),
  });
  return [
    family(
      'connections_total',
      { type: 'counter', help: 'Connections that the Service data plane sent to the endpoint.' },
      ({ connections }) => connections.total,
    ),
    family(
      'connections_active',
      { type: 'gauge', help: 'Connections to the endpoint that are open.' },
      ({ connections }) => connections.open,
    ),
    family(
      'connect_failures_total',
      { type: 'counter', help: 'Connections to the endpoint that it did not accept.' },
      ({ connections }) => connections.failed,
    ),
    family(
      'sent_bytes_total',
      { type: 'counter', help: 'Bytes that clients sent to the endpoint.' },
      ({ bytes }) => bytes.toEndpoint,
    ),
    family(
      'received_bytes_total',
      { type: 'counter', help: 'Bytes that clients received from the endpoint.' },
      ({ bytes }) => bytes.fromEndpoint,
    ),
  ];
}

function labelsOf({ service, port, protocol, pod = '', endpoint }: EndpointStatistics) {
  const [namespace = '', name = ''] = service.split('/');
  const at = endpoint.lastIndexOf(':');
  return {
    namespace,
    service: name,
    port,
    protocol,
    pod,
    ip: endpoint.slice(0, at),
    target_port: endpoint.slice(at + 1),
  };
}
