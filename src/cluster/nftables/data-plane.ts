import type { Api } from '../api.ts';
import {
  createRoutingTable,
  type EndpointStatistics,
  type ProxyFollows,
} from '../balancer/index.ts';
import { type BaseOptions, baseRules } from './base.ts';
import { type Counted, readCounters } from './counters.ts';
import { Numbers, ServiceMemory } from './memory.ts';
import { shared, table as nftTable } from './names.ts';
import { Nft, runNft } from './nft.ts';
import { type ProxiedNode, renderService } from './render.ts';
import { commandsBetween, emptyRuleset, type Ruleset } from './ruleset.ts';

export interface KernelDataPlaneOptions extends BaseOptions {
  readonly api: Api;
  readonly proxyFollows: ProxyFollows;
  readonly nodes: readonly ProxiedNode[];
  /** The rules could not be changed, and are made anew. */
  readonly onError: (error: unknown) => void;
}

export interface KernelDataPlane extends AsyncDisposable {
  /** Resolves when the rules are what the API said when it was called. */
  settled(): Promise<void>;
  statistics(): Promise<readonly EndpointStatistics[]>;
}

/** Endpoints that are gone, but whose counters and last connections are still looked at. */
const KEPT_ENDPOINTS = 1000;
const RETRY_MS = 500;

/** Loads the rules without any Service, which also tells whether nft and the kernel can do it. */
export async function loadBaseRules(options: BaseOptions): Promise<void> {
  await runNft(['--file', '-'], { input: baseRules(options) });
}

/**
 * The Service data plane in the kernel: rules in the network namespace of this process, which must
 * hold the base rules and be root there. They follow each change of a Service or its slices, within
 * milliseconds of the write and in its order.
 */
export function startKernelDataPlane(options: KernelDataPlaneOptions): KernelDataPlane {
  const nft = new Nft();
  const numbers = new Numbers();
  const memories = new Map<string, ServiceMemory>();
  const applied = new Map<string, Ruleset>();
  /** What was counted before the rules were last made anew. */
  let base = new Map<number, Counted>();
  let lastAlive = 0;
  const changed = new Set<string>();
  let working: Promise<void> | undefined;
  let mustReload = false;
  const stopping = new AbortController();

  const table = createRoutingTable(options.api, { follows: options.proxyFollows, changed: note });

  function note(service: string): void {
    changed.add(service);
    working ??= work();
  }

  async function work(): Promise<void> {
    // Many objects change in one tick, and a change may come while another is applied.
    await Promise.resolve();
    while (!stopping.signal.aborted && (changed.size > 0 || mustReload)) {
      try {
        if (mustReload) await reload();
        await follow();
      } catch (error) {
        if (stopping.signal.aborted) break;
        options.onError(error);
        // What the kernel has now is not known: nothing of it may be built upon.
        if (mustReload) await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
        mustReload = true;
      }
    }
    working = undefined;
  }

  async function follow(): Promise<void> {
    const services = [...changed];
    changed.clear();
    const next = services
      .map((service) => [service, rendered(service)] as const)
      // First those that go: an address may pass from one Service to another.
      .toSorted(([, one], [, other]) => one.elements.size - other.elements.size);
    const commands = next.flatMap(([service, ruleset]) =>
      commandsBetween(applied.get(service) ?? emptyRuleset, ruleset),
    );
    await nft.apply([...counterCommands('add', numbers.takeFresh()), ...commands]);
    for (const [service, ruleset] of next) {
      if (ruleset.elements.size > 0) applied.set(service, ruleset);
      else applied.delete(service);
    }
    await forgetOldest();
  }

  function rendered(service: string): Ruleset {
    let memory = memories.get(service);
    if (!memory) memories.set(service, (memory = new ServiceMemory(numbers)));
    const routed = table.services.get(service);
    if (!routed) memories.delete(service);
    return renderService(routed, { table, nodes: options.nodes, memory });
  }

  async function reload(): Promise<void> {
    base = sum(base, await readCounters().catch(() => new Map<number, Counted>()));
    await loadBaseRules(options);
    applied.clear();
    numbers.forgetFresh();
    for (const service of table.services.keys()) changed.add(service);
    mustReload = false;
  }

  async function forgetOldest(): Promise<void> {
    if (numbers.size <= KEPT_ENDPOINTS + lastAlive) return;
    const alive = new Set([...applied.values()].flatMap(({ endpoints }) => [...endpoints.keys()]));
    lastAlive = alive.size;
    const dead = [...numbers.all].filter((number) => !alive.has(number));
    const surplus = dead.slice(0, Math.max(0, dead.length - KEPT_ENDPOINTS));
    await nft.apply(counterCommands('delete', surplus));
    for (const number of surplus) {
      base.delete(number);
      numbers.forget(number);
    }
  }

  return {
    async settled() {
      await working;
    },
    async statistics() {
      const counters = sum(base, await readCounters());
      return [...counters].flatMap(([number, counter]) => {
        const numbered = numbers.get(number);
        if (!numbered) return [];
        const { port, endpoint } = numbered;
        return [
          {
            service: port.service,
            port: port.portName,
            protocol: port.protocol,
            endpoint: endpoint.name,
            ...(endpoint.pod !== undefined && { pod: endpoint.pod }),
            connections: { total: counter.opened, open: counter.open, failed: 0 },
            bytes: { toEndpoint: counter.toEndpoint, fromEndpoint: counter.fromEndpoint },
          },
        ];
      });
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      table[Symbol.dispose]();
      await nft[Symbol.asyncDispose]();
      await working;
      await runNft([`delete table ${nftTable}`]).catch(() => {});
    },
  };
}

function counterCommands(verb: 'add' | 'delete', numbers: readonly number[]): readonly string[] {
  if (numbers.length === 0) return [];
  const elements = numbers.join(', ');
  return [shared.opened, shared.toEndpoint, shared.fromEndpoint].map(
    (set) => `${verb} element ${nftTable} ${set} { ${elements} }`,
  );
}

function sum(
  one: ReadonlyMap<number, Counted>,
  other: ReadonlyMap<number, Counted>,
): Map<number, Counted> {
  const both = new Map(one);
  for (const [number, counter] of other) {
    const before = both.get(number);
    both.set(number, {
      opened: counter.opened + (before?.opened ?? 0),
      open: counter.open,
      toEndpoint: counter.toEndpoint + (before?.toEndpoint ?? 0),
      fromEndpoint: counter.fromEndpoint + (before?.fromEndpoint ?? 0),
    });
  }
  return both;
}
