import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { expect } from 'vitest';
import type { Conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { waitFor } from '../support/pods.ts';
import type { Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';

/** An address that a Service must lead to. */
interface Wanted {
  readonly pod: Stored<Pod>;
  readonly port: number;
}

/** Two Pods with one label in common, whose port of one name has two numbers. */
export async function createTwoPods(
  c: Conformance,
): Promise<{ readonly pod1: Stored<Pod>; readonly pod2: Stored<Pod> }> {
  const pods = c.in<Pod>('v1', 'pods');
  const create = async (
    name: string,
    ports: readonly { name: string; containerPort: number }[],
  ) => {
    await pods.create({
      metadata: { name, labels: { [name]: 'on', shared12: 'on' } },
      spec: { containers: [{ name: 'container1', image: images.nginx, ports: [...ports] }] },
    });
  };
  await create('pod1', [{ name: 'example-name', containerPort: 3000 }]);
  await create('pod2', [
    { name: 'example-name', containerPort: 3001 },
    { name: 'other-port', containerPort: 3002 },
  ]);
  const hasAddress = ({ status }: Stored<Pod>) => (status.podIPs ?? []).length > 0;
  return {
    pod1: await waitFor(pods, 'pod1', 'has an address', hasAddress),
    pod2: await waitFor(pods, 'pod2', 'has an address', hasAddress),
  };
}

/** A Service of one port that also leads to Pods that are not ready. */
export function selecting(
  c: Conformance,
  name: string,
  selector: Readonly<Record<string, string>>,
  targetPort: string | number,
): Promise<Stored<Service>> {
  const service = serviceOf(name, selector);
  return c.in<Service>('v1', 'services').create({
    ...service,
    spec: {
      ...service.spec,
      publishNotReadyAddresses: true,
      ports: [{ ...service.spec!.ports![0]!, targetPort }],
    },
  });
}

export function serviceOf(name: string, selector: Readonly<Record<string, string>>): Service {
  return {
    metadata: { name },
    spec: { selector, ports: [{ name: 'example', port: 80, protocol: 'TCP' }] },
  };
}

/** The Endpoints of the Service hold just these addresses, each with its Pod and its port. */
export async function expectEndpoints(
  c: Conformance,
  service: Stored<Service>,
  wanted: readonly Wanted[],
): Promise<void> {
  const endpoints = c.in<Endpoints>('v1', 'endpoints');
  const read = async () => {
    const { subsets = [] } = await endpoints.get(service.metadata.name);
    return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) =>
      [...addresses, ...notReadyAddresses].map(({ ip, targetRef }) => ({
        ip,
        pod: targetRef?.uid,
        kind: targetRef?.kind,
        ports: ports.map(({ name, port, protocol }) => ({ name, port, protocol })),
      })),
    );
  };
  await settle(read, wanted);
  expect(sorted(await read())).toEqual(sorted(expected(wanted)));
}

/** The same of its EndpointSlices; without Pods there is one, without ports. */
export async function expectSlices(
  c: Conformance,
  service: Stored<Service>,
  wanted: readonly Wanted[],
): Promise<readonly Stored<EndpointSlice>[]> {
  const list = async () =>
    (
      await c.in<EndpointSlice>('discovery.k8s.io/v1', 'endpointslices').list({
        labelSelector: `kubernetes.io/service-name=${service.metadata.name}`,
      })
    ).items;
  const read = async () =>
    (await list()).flatMap((slice) =>
      // An empty list of endpoints is null on the wire.
      (slice.endpoints ?? []).map(({ addresses, targetRef }) => ({
        ip: addresses[0]!,
        pod: targetRef?.uid,
        kind: targetRef?.kind,
        ports: (slice.ports ?? []).map(({ name, port, protocol }) => ({ name, port, protocol })),
      })),
    );
  await until('a slice', async () => (await list()).length > 0, 120_000);
  await settle(read, wanted);
  expect(sorted(await read())).toEqual(sorted(expected(wanted)));
  const slices = await list();
  if (wanted.length === 0) {
    expect(slices).toHaveLength(1);
    expect(slices[0]!.ports ?? []).toEqual([]);
  } else {
    // One slice for each set of ports.
    expect(slices).toHaveLength(new Set(wanted.map(({ port }) => port)).size);
  }
  return slices;
}

async function settle(
  read: () => Promise<readonly unknown[]>,
  wanted: readonly Wanted[],
): Promise<void> {
  await until(
    `${wanted.length} addresses`,
    async () => (await read()).length === wanted.length,
    120_000,
  );
}

function expected(wanted: readonly Wanted[]) {
  return wanted.map(({ pod, port }) => ({
    ip: pod.status.podIP!,
    pod: pod.metadata.uid,
    kind: 'Pod',
    ports: [{ name: 'example', port, protocol: 'TCP' }],
  }));
}

function sorted<T extends { readonly ip: string }>(addresses: readonly T[]): readonly T[] {
  return addresses.toSorted((a, b) => a.ip.localeCompare(b.ip));
}
