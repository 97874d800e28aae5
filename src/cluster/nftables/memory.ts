import type { Endpoint, ServicePort } from '../balancer/index.ts';

/** Who has a number: the connections to it carry it as their mark. */
export interface Numbered {
  readonly port: ServicePort;
  readonly endpoint: Endpoint;
}

/** The numbers of all endpoints, never used twice: counters and open connections know them by it. */
export class Numbers {
  readonly #byName = new Map<string, number>();
  readonly #known = new Map<number, Numbered>();
  /** An endpoint that is listed as before is the same object: its name need not be looked up. */
  readonly #byEndpoint = new WeakMap<Endpoint, number>();
  #fresh: number[] = [];
  #last = 0;

  numberOf(port: ServicePort, endpoint: Endpoint): number {
    const seen = this.#byEndpoint.get(endpoint);
    if (seen !== undefined && this.#known.get(seen)?.port.uid === port.uid) return seen;
    const name = nameOf(port, endpoint);
    let number = this.#byName.get(name);
    if (number === undefined) {
      number = ++this.#last;
      this.#byName.set(name, number);
      this.#fresh.push(number);
    }
    this.#known.set(number, { port, endpoint });
    this.#byEndpoint.set(endpoint, number);
    return number;
  }

  get(number: number): Numbered | undefined {
    return this.#known.get(number);
  }

  /** Those that are new since the last call. */
  takeFresh(): readonly number[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** Lets `takeFresh` begin with all again. */
  forgetFresh(): void {
    this.#fresh = [...this.#known.keys()];
  }

  /** The oldest first. */
  get all(): Iterable<number> {
    return this.#known.keys();
  }

  get size(): number {
    return this.#known.size;
  }

  forget(number: number): void {
    const known = this.#known.get(number);
    if (known) this.#byName.delete(nameOf(known.port, known.endpoint));
    this.#known.delete(number);
  }
}

function nameOf({ uid, protocol, port }: ServicePort, endpoint: Endpoint): string {
  return `${uid} ${protocol} ${port} ${endpoint.name}`;
}

/** What has to be known of the last rules of a Service port to change little of them. */
export class PortMemory {
  readonly #numbers: Numbers;
  readonly #orders = new Map<string, readonly number[]>();
  #udp: { readonly zone: number; readonly endpoints: ReadonlySet<string> } | undefined;

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  numberOf(port: ServicePort, endpoint: Endpoint): number {
    return this.#numbers.numberOf(port, endpoint);
  }

  /** An order in which all that stay keep their place, as far as there are no holes. */
  arrange(chain: string, wanted: readonly number[]): readonly number[] {
    const order = rearrange(this.#orders.get(chain) ?? [], wanted);
    this.#orders.set(chain, order);
    return order;
  }

  /**
   * The kernel keeps sending a UDP client that is never silent to the endpoint it once chose, and
   * nft cannot make it forget (kube-proxy does, by netlink). But it remembers by zone: what is in
   * another zone than before is new to it. So each time an endpoint goes, its port moves on to the
   * next zone; answers to what is under way are not affected.
   */
  zoneFor(usable: readonly Endpoint[]): number {
    const endpoints = new Set(usable.map(({ name }) => name));
    const { zone, endpoints: before } = this.#udp ?? { zone: 0, endpoints };
    const isSubset = [...before].every((name) => endpoints.has(name));
    const next = isSubset ? zone : (zone % 65_535) + 1;
    this.#udp = { zone: next, endpoints };
    return next;
  }
}

export class ServiceMemory {
  readonly #numbers: Numbers;
  readonly #ports = new Map<string, PortMemory>();

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  of(port: string): PortMemory {
    let memory = this.#ports.get(port);
    if (!memory) this.#ports.set(port, (memory = new PortMemory(this.#numbers)));
    return memory;
  }
}

/** Those of `before` that are wanted at their old places, the others in the holes and at the end. */
export function rearrange(before: readonly number[], wanted: readonly number[]): readonly number[] {
  const left = new Set(wanted);
  const kept = before.map((number) => (left.delete(number) ? number : undefined));
  const waiting = [...left];
  const order = kept.map((number) => number ?? waiting.shift());
  order.push(...waiting);
  // More holes than newcomers: the last ones move into them.
  for (let index = 0; index < order.length; index += 1) {
    while (order.length > index && order.at(-1) === undefined) order.pop();
    if (index < order.length && order[index] === undefined) order[index] = order.pop();
  }
  return order.filter((number) => number !== undefined);
}
