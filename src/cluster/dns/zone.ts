import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Api, KubeObject, WatchEvent } from '../api.ts';
import { type Answer, codes, type DnsRecord, type Question, types } from './message.ts';
import { recordsOf, TTL } from './records.ts';

/** Answers what the cluster knows by itself. */
export interface Zone extends Disposable {
  /** Undefined for a name of which others are to be asked. */
  answer(question: Question): Answer | undefined;
}

const VERSION = '1.1.0';

/**
 * The names of the Kubernetes DNS-Based Service Discovery specification, from the Services and
 * slices of the API. It is told of a change from inside the write, so that an answer after a write
 * has it.
 */
export function createZone(api: Api, domain: string): Zone {
  const services = new Map<string, Service>();
  const slices = new Map<string, Map<string, EndpointSlice>>();
  const namespaces = new Set<string>();
  const serviceOfSlice = new Map<string, string>();
  /** By Service, then by name: made when first asked for after a change. */
  let names: Map<string, DnsRecord[]> | undefined;

  const noteService = ({ type, object }: WatchEvent<Service>) => {
    if (type === 'DELETED') services.delete(keyOf(object));
    else services.set(keyOf(object), object);
    names = undefined;
  };
  const noteSlice = ({ type, object }: WatchEvent<EndpointSlice>) => {
    const key = keyOf(object);
    slices.get(serviceOfSlice.get(key) ?? '')?.delete(key);
    const name = object.metadata?.labels?.['kubernetes.io/service-name'];
    if (type !== 'DELETED' && name !== undefined) {
      const service = `${object.metadata?.namespace}/${name}`;
      serviceOfSlice.set(key, service);
      const known = slices.get(service) ?? new Map<string, EndpointSlice>();
      slices.set(service, known.set(key, object));
    }
    names = undefined;
  };
  const watches = [
    api.watch<Service>('services', noteService),
    api.watch<EndpointSlice>('endpointslices', noteSlice),
    api.watch('namespaces', ({ type, object }) => {
      const name = object.metadata?.name ?? '';
      if (type === 'DELETED') namespaces.delete(name);
      else namespaces.add(name);
    }),
  ];

  function allNames(): ReadonlyMap<string, DnsRecord[]> {
    if (names) return names;
    names = new Map<string, DnsRecord[]>();
    for (const [key, service] of services) {
      for (const record of recordsOf(service, [...(slices.get(key)?.values() ?? [])], domain)) {
        const known = names.get(record.name);
        if (known) known.push(record);
        else names.set(record.name, [record]);
      }
    }
    return names;
  }

  function lookUp(name: string): readonly DnsRecord[] | undefined {
    const known = allNames().get(name);
    if (known) return known;
    if (name === `dns-version.${domain}`) {
      return [{ name, ttl: TTL, data: { type: 'TXT', text: VERSION } }];
    }
    return podAddress(name) ?? (exists(name) ? [] : undefined);
  }

  /** `10-244-1-2.shop.pod.cluster.local`: of any address, as long as there is the namespace. */
  function podAddress(name: string): readonly DnsRecord[] | undefined {
    const [dashed = '', namespace = '', kind, ...rest] = name.split('.');
    if (kind !== 'pod' || rest.join('.') !== domain || !namespaces.has(namespace)) return undefined;
    const address = dashed.replaceAll('-', '.');
    if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return undefined;
    if (address.split('.').some((byte) => Number(byte) > 255)) return undefined;
    return [{ name, ttl: TTL, data: { type: 'A', address } }];
  }

  /** Names without records of their own, but with others below them. */
  function exists(name: string): boolean {
    if ([domain, `svc.${domain}`, `pod.${domain}`].includes(name)) return true;
    const [service = '', namespace = '', kind] = name.split('.');
    if (name === `${service}.svc.${domain}` || name === `${service}.pod.${domain}`) {
      return namespaces.has(service);
    }
    // A headless Service whose Pods are not ready.
    if (kind === 'svc' && services.has(`${namespace}/${service}`)) {
      return name === `${service}.${namespace}.svc.${domain}`;
    }
    for (const known of allNames().keys()) if (known.endsWith(`.${name}`)) return true;
    return false;
  }

  function answer(question: Question): Answer | undefined {
    const { name, type } = question;
    const isReverse = name.endsWith('.in-addr.arpa');
    const isOurs = name === domain || name.endsWith(`.${domain}`);
    // Nobody outside knows a name of one label; to be refused would look like a failure to try again.
    if (!name.includes('.')) return { code: codes.nameError, isAuthoritative: false, answers: [] };
    if (!isOurs && !isReverse) return undefined;
    if (isReverse && !allNames().has(name)) return undefined;
    const records = lookUp(name);
    const authority = [soa(isReverse ? name : domain)];
    if (!records) return { code: codes.nameError, isAuthoritative: true, answers: [], authority };
    const wanted = type === types.SOA && name === domain ? authority : matching(records, type);
    const [first] = wanted;
    if (!first) return { code: codes.ok, isAuthoritative: true, answers: [], authority };
    return {
      code: codes.ok,
      isAuthoritative: true,
      answers: [...shuffled(wanted), ...followed(first)],
      additional: wanted.flatMap(({ data }) =>
        data.type === 'SRV' ? matching(allNames().get(data.target) ?? [], types.A) : [],
      ),
    };
  }

  /** Where an ExternalName means a Service of this cluster. */
  function followed({ data }: DnsRecord): readonly DnsRecord[] {
    return data.type === 'CNAME' ? matching(allNames().get(data.target) ?? [], types.A) : [];
  }

  function soa(zone: string): DnsRecord {
    const data = {
      type: 'SOA',
      primary: `ns.dns.${domain}`,
      mailbox: `hostmaster.${domain}`,
      serial: Math.floor(Date.now() / 1000),
      negativeTtl: TTL,
    } as const;
    return { name: zone, ttl: TTL, data };
  }

  return {
    answer,
    [Symbol.dispose]() {
      for (const watch of watches) watch[Symbol.dispose]();
    },
  };
}

function matching(records: readonly DnsRecord[], type: number): readonly DnsRecord[] {
  return records.filter(
    ({ data }) => type === types.ANY || types[data.type] === type || data.type === 'CNAME',
  );
}

/** In any order: most clients take the first. */
function shuffled(records: readonly DnsRecord[]): readonly DnsRecord[] {
  const order = [...records];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}
