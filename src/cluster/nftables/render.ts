import type { Endpoint, RoutedService, RoutingTable, ServicePort } from '../balancer/index.ts';
import { masquerade } from './base.ts';
import type { PortMemory, ServiceMemory } from './memory.ts';
import { shared } from './names.ts';
import type { Ruleset } from './ruleset.ts';

export interface ProxiedNode {
  readonly name: string;
  readonly nodeAddress: string;
  readonly podCidr: string;
}

interface RenderOptions {
  readonly table: Pick<RoutingTable, 'usable'>;
  readonly nodes: readonly ProxiedNode[];
  readonly memory: ServiceMemory;
}

/** The rules of one Service: where its addresses lead, from whom, and to which endpoints. */
export function renderService(service: RoutedService | undefined, options: RenderOptions): Ruleset {
  const rules = new Rules();
  for (const port of service?.ports ?? []) renderPort(port, { ...options, rules });
  return rules;
}

class Rules implements Ruleset {
  readonly endpoints = new Map<number, Endpoint>();
  readonly lists = new Map<string, readonly number[]>();
  readonly sets = new Map<string, string>();
  readonly chains = new Map<string, readonly string[]>();
  readonly elements = new Map<string, Map<string, string>>();

  put(set: string, key: string, value = ''): void {
    let elements = this.elements.get(set);
    if (!elements) this.elements.set(set, (elements = new Map()));
    elements.set(key, value);
  }
}

function renderPort(port: ServicePort, options: RenderOptions & { readonly rules: Rules }): void {
  const { table, nodes, rules } = options;
  const { clusterIPs, nodePort } = port;
  const protocol = port.protocol.toLowerCase();
  const place = (address: string, number: number) => `${address} . ${protocol} . ${number}`;
  const name = `${port.service}/${protocol}/${port.port}`;
  const memory = options.memory.of(name);

  const usable = table.usable(port);
  if (usable.length === 0) {
    const places = clusterIPs.map((address) => place(address, port.port));
    if (nodePort) places.push(...nodes.map((node) => place(node.nodeAddress, nodePort)));
    for (const one of places) rules.put(shared.refused, one, 'goto refuse');
    return;
  }

  const everywhere = `service-${name}`;
  balance(everywhere, { port, memory, rules, endpoints: usable });
  const local = (node: ProxiedNode) => {
    const chain = `local-${name}/${node.name}`;
    const endpoints = table.usable(port, node.name);
    if (!rules.chains.has(chain)) balance(chain, { port, memory, rules, endpoints });
    return chain;
  };

  let internal = everywhere;
  if (port.internalTrafficPolicy === 'Local') {
    internal = `internal-${name}`;
    rules.chains.set(internal, [
      ...nodes.map(
        (node) => `ip saddr { ${node.podCidr}, ${node.nodeAddress} } goto ${local(node)}`,
      ),
      // Of no node: the cluster's own process.
      `goto ${everywhere}`,
    ]);
  }
  const zone = port.protocol === 'UDP' ? memory.zoneFor(usable) : 0;
  const answer = (address: string, number: number, chain: string) => {
    rules.put(shared.services, place(address, number), `goto ${chain}`);
    if (zone > 0) rules.put(shared.udpZones, `${address} . ${number}`, `${zone}`);
  };
  for (const address of clusterIPs) answer(address, port.port, internal);

  if (!nodePort) return;
  if (port.externalTrafficPolicy === 'Cluster') {
    rules.chains.set(`external-${name}`, [masquerade, `goto ${everywhere}`]);
  }
  for (const node of nodes) {
    let external = `external-${name}`;
    if (port.externalTrafficPolicy === 'Local') {
      external += `/${node.name}`;
      // As kube-proxy: a node's own Pods are no external traffic.
      rules.chains.set(external, [
        `ip saddr ${node.podCidr} goto ${everywhere}`,
        `goto ${local(node)}`,
      ]);
    }
    answer(node.nodeAddress, nodePort, external);
  }
}

/** One chain that sends each new connection to one of the endpoints; to none: lets it time out. */
function balance(
  chain: string,
  options: {
    readonly port: ServicePort;
    readonly memory: PortMemory;
    readonly rules: Rules;
    readonly endpoints: readonly Endpoint[];
  },
): void {
  const { port, memory, rules, endpoints } = options;
  const numbers = memory.arrange(
    chain,
    endpoints.map((endpoint) => {
      const number = memory.numberOf(port, endpoint);
      rules.endpoints.set(number, endpoint);
      return number;
    }),
  );
  const [only] = numbers;
  if (only === undefined) {
    rules.chains.set(chain, ['drop']);
    return;
  }
  const choice = [`ct mark set ${only}`];
  if (numbers.length > 1) {
    const backends = `backends-${chain}`;
    rules.sets.set(backends, 'map { type mark : mark; }');
    rules.lists.set(backends, numbers);
    choice.splice(
      0,
      1,
      `ct mark set numgen random mod ${numbers.length}`,
      `ct mark set ct mark map @${backends}`,
    );
  }
  rules.chains.set(chain, [
    ...sticky(chain, numbers, options),
    ...choice,
    ...remember(chain, port),
    'goto translate',
  ]);
}

/** `sessionAffinity: ClientIP`: the endpoint a client had last, while it is one of them. */
function sticky(
  chain: string,
  numbers: readonly number[],
  { port, rules }: { readonly port: ServicePort; readonly rules: Rules },
): readonly string[] {
  if (port.affinityTimeoutMs === undefined) return [];
  const clients = affinityOf(chain, port);
  const members = `members-${chain}`;
  const timeout = Math.ceil(port.affinityTimeoutMs / 1000);
  rules.sets.set(
    clients,
    `map { type ipv4_addr : mark; flags dynamic,timeout; timeout ${timeout}s; size 65535; }`,
  );
  rules.sets.set(members, 'set { type mark; }');
  for (const number of numbers) rules.put(members, `${number}`);
  return [
    `ct mark set ip saddr map @${clients} ct mark @${members} update @${clients} { ip saddr : ct mark } goto translate`,
  ];
}

function remember(chain: string, port: ServicePort): readonly string[] {
  if (port.affinityTimeoutMs === undefined) return [];
  const entry = `@${affinityOf(chain, port)} { ip saddr : ct mark }`;
  // An update alone would leave the endpoint that a client had before.
  return [`delete ${entry}`, `update ${entry}`];
}

// A set cannot change its timeout: one with another has another name.
function affinityOf(chain: string, { affinityTimeoutMs = 0 }: ServicePort): string {
  return `clients-${affinityTimeoutMs}-${chain}`;
}
