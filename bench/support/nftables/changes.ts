import { dataPlane, network, ports, sliceOf } from './pods.ts';

// How long a change of one slice takes until the kernel has the rules, by how many Services there
// are, and of one Service with many endpoints. Prints the times in ms as JSON.
const { balancerAddress } = await network();
const { api, plane } = await dataPlane(balancerAddress);
const CHANGES = 100;
const times: Record<string, number[]> = {};
let made = 0;

for (const count of [1, 10, 100]) {
  for (; made < count; made += 1) {
    api.create('services', {
      metadata: { name: `web-${made}`, namespace: 'default' },
      spec: { clusterIP: `10.96.1.${made + 1}`, ports },
    });
    const addresses = [1, 2, 3].map((pod) => `10.244.${pod}.${made + 2}`);
    api.create('endpointslices', sliceOf(`web-${made}`, `web-${made}`, addresses));
  }
  await plane.settled();
  times[`${count} Services`] = await change('web-0', ['10.244.1.2', '10.244.2.2', '10.244.3.2']);
}

api.create('services', {
  metadata: { name: 'large', namespace: 'default' },
  spec: { clusterIP: '10.96.2.1', ports },
});
const many = Array.from({ length: 5000 }, (_, pod) => `10.200.${pod >> 8}.${pod & 255}`);
for (let from = 0; from < many.length; from += 100) {
  api.create('endpointslices', sliceOf('large', `large-${from}`, many.slice(from, from + 100)));
}
await plane.settled();
times['a Service of 5,000 endpoints'] = await change('large-0', many.slice(0, 100));
process.stdout.write(JSON.stringify(times));
process.exit();

/** Takes the last of the addresses out and in again. */
async function change(name: string, addresses: readonly string[]): Promise<number[]> {
  const taken: number[] = [];
  for (let count = 0; count < CHANGES; count += 1) {
    const now = count % 2 === 0 ? addresses.slice(0, -1) : addresses;
    const { endpoints } = sliceOf('', '', now);
    const start = performance.now();
    api.patch('endpointslices', { namespace: 'default', name }, { endpoints }, { type: 'merge' });
    await plane.settled();
    taken.push(performance.now() - start);
  }
  return taken;
}
