import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { desiredEndpoints } from './desired-endpoints.ts';
import { desiredSubsets } from './desired-subsets.ts';
import type { Desired } from './listed-pod.ts';

interface PodTraits {
  readonly ips?: readonly string[];
  readonly ready?: boolean;
  readonly terminating?: boolean;
  readonly phase?: string;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly sidecarPorts?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly hostname?: string;
  readonly subdomain?: string;
}

function pod(name: string, traits: PodTraits = {}): Pod {
  const { ips = [`10.0.0.${name.length}`], ready = true, terminating, phase = 'Running' } = traits;
  const {
    ports = [{ name: 'http', containerPort: 8080 }],
    sidecarPorts,
    hostname,
    subdomain,
  } = traits;
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      labels: { app: 'web' },
      ...(terminating && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'web', ports: [...ports] }],
      ...(sidecarPorts && {
        initContainers: [
          { name: 'proxy', restartPolicy: 'Always', ports: [...sidecarPorts] },
        ] as never,
      }),
      ...(hostname && { hostname }),
      ...(subdomain && { subdomain }),
    },
    status: {
      phase,
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

function desired(
  pods: readonly Pod[],
  options: {
    readonly spec?: Service['spec'];
    readonly annotations?: Record<string, string>;
    readonly out?: readonly string[];
    readonly zones?: readonly (readonly [string, string])[];
  } = {},
): Desired {
  const { spec, annotations, out = [], zones = [] } = options;
  return {
    service: {
      metadata: { name: 'web', namespace: 'shop', ...(annotations && { annotations }) },
      spec: {
        clusterIP: '10.96.0.1',
        ipFamilies: ['IPv4'],
        ports: [{ name: 'http', port: 80, targetPort: 'http' }],
        ...spec,
      },
    },
    selector: { app: 'web' },
    pods,
    out: new Set(out),
    zones: new Map(zones),
  };
}

/** `pod@address ready/serving/terminating` by ports. */
function lines(world: Desired): readonly string[] {
  return desiredEndpoints(world).map(({ addressType, ports, endpoints }) => {
    const listed = endpoints.map(({ addresses, targetRef, conditions }) => {
      const { ready, serving, terminating } = conditions ?? {};
      return `${targetRef?.name}@${addresses.join('+')} ${ready}/${serving}/${terminating}`;
    });
    return `${addressType} ${ports.map(({ port }) => port).join()}: ${listed.join(', ')}`;
  });
}

describe('desiredEndpoints', () => {
  it('lists siblings with the conditions that the controller gives them, and not who is out', () => {
    const world = desired(
      [
        pod('a'),
        pod('bb', { ready: false }),
        pod('ccc', { terminating: true }),
        pod('dddd'),
        pod('eeeee', { phase: 'Succeeded' }),
        pod('ffffff', { ips: [] }),
      ],
      { out: ['uid-dddd'] },
    );
    expect(lines(world)).toEqual([
      'IPv4 8080: a@10.0.0.1 true/true/false, bb@10.0.0.2 false/false/false, ccc@10.0.0.3 false/true/true',
    ]);
  });

  it('lists unready and terminating Pods as ready where the Service publishes them', () => {
    const pods = [pod('a', { ready: false }), pod('bb', { terminating: true })];
    const world = desired(pods, { spec: { publishNotReadyAddresses: true } });
    expect(lines(world)).toEqual([
      'IPv4 8080: a@10.0.0.1 true/false/false, bb@10.0.0.2 true/true/true',
    ]);
    expect(desiredSubsets(world).subsets[0]?.addresses).toHaveLength(2);
  });

  it('groups by resolved ports; a name that a Pod does not know is missing there', () => {
    const world = desired(
      [
        pod('a'),
        pod('bb', { ports: [{ name: 'http', containerPort: 9090 }] }),
        pod('ccc', { ports: [] }),
        pod('dddd', { ports: [], sidecarPorts: [{ name: 'http', containerPort: 8080 }] }),
      ],
      {
        spec: {
          ports: [
            { name: 'http', port: 80, targetPort: 'http' },
            { name: 'metrics', port: 81, targetPort: 9100 },
          ],
        },
      },
    );
    expect(lines(world)).toEqual([
      'IPv4 8080,9100: a@10.0.0.1 true/true/false, dddd@10.0.0.4 true/true/false',
      'IPv4 9090,9100: bb@10.0.0.2 true/true/false',
      'IPv4 9100: ccc@10.0.0.3 true/true/false',
    ]);
    // Endpoints leave the Pod out of a port it does not know, and pack what has the same addresses.
    expect(
      desiredSubsets(world).subsets.map(({ addresses = [], ports = [] }) => [
        addresses.map(({ ip }) => ip),
        ports.map(({ port }) => port),
      ]),
    ).toEqual([
      [['10.0.0.1', '10.0.0.4'], [8080]],
      [['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'], [9100]],
      [['10.0.0.2'], [9090]],
    ]);
  });

  it('lists every family in slices, and the first one in Endpoints', () => {
    const pods = [pod('a', { ips: ['10.0.0.1', 'fd00::1'] }), pod('bb', { ips: ['10.0.0.2'] })];
    const world = desired(pods, { spec: { ipFamilies: ['IPv6', 'IPv4'] } });
    expect(lines(world)).toEqual([
      'IPv6 8080: a@fd00::1 true/true/false',
      'IPv4 8080: a@10.0.0.1 true/true/false, bb@10.0.0.2 true/true/false',
    ]);
    expect(desiredSubsets(world).subsets[0]?.addresses?.map(({ ip }) => ip)).toEqual(['fd00::1']);
  });

  it('knows headless Services without ports, and the names of their Pods', () => {
    const world = desired([pod('db-0', { hostname: 'db-0', subdomain: 'web' })], {
      spec: { clusterIP: 'None', ports: [] },
    });
    expect(desiredEndpoints(world)).toMatchObject([
      { ports: [], endpoints: [{ hostname: 'db-0' }] },
    ]);
    const { subsets } = desiredSubsets(world);
    expect(subsets).toMatchObject([{ addresses: [{ hostname: 'db-0' }] }]);
    expect(subsets[0]).not.toHaveProperty('ports');
  });

  it.each([
    [{ trafficDistribution: 'PreferClose' }, { forZones: [{ name: 'z1' }] }],
    [
      { trafficDistribution: 'PreferSameNode' },
      { forZones: [{ name: 'z1' }], forNodes: [{ name: 'node-1' }] },
    ],
    [{}, undefined],
  ])('recommends ready endpoints as %j asks for', (spec, hints) => {
    const world = desired([pod('a')], {
      spec,
      zones: [['node-1', 'z1']],
    });
    const [endpoint] = desiredEndpoints(world)[0]?.endpoints ?? [];
    expect(endpoint?.zone).toBe('z1');
    expect(endpoint?.hints).toEqual(hints);
  });

  it('keeps at most 1000 addresses in Endpoints, the ready ones first', () => {
    const pods = Array.from({ length: 1100 }, (_, index) =>
      pod(`p${index}`, { ips: [`10.1.${index >> 8}.${index & 255}`], ready: index >= 200 }),
    );
    const { subsets, truncated } = desiredSubsets(desired(pods));
    expect(truncated).toBe(true);
    expect(subsets[0]?.addresses).toHaveLength(900);
    expect(subsets[0]?.notReadyAddresses).toHaveLength(100);
  });
});
