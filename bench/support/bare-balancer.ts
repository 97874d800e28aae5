import type { Api } from '../../src/cluster/api.ts';
import { startBalancer } from '../../src/cluster/balancer/index.ts';
import { loopbackServiceAddress } from '../../src/cluster/network/loopback-network.ts';

/** The userspace data plane alone, on addresses of 127.0.0.0/8, for Services without node ports. */
export function bareBalancer(api: Api) {
  const noNodePort = () => Promise.reject(new Error('this Service has no node port'));
  return startBalancer({
    api,
    network: { serviceAddress: loopbackServiceAddress },
    proxyFollows: 'endpointslices',
    openNodePort: noNodePort,
    openUdpNodePort: noNodePort,
    failed: (_service, message) => {
      throw new Error(message);
    },
  });
}
