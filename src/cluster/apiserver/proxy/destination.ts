import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { isIPv6 } from 'node:net';
import { ApiError } from '../../api-error.ts';
import type { PipelineContext } from '../pipeline/context.ts';
import { liveEntry } from '../pipeline/update.ts';
import { resourceNamed } from '../resources/registry.ts';
import { badRequest } from '../words.ts';

/** Where a request through the proxy goes. */
export interface Destination {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  /** Empty = the scheme's own. A name is not resolved: upstream cannot either. */
  readonly port: string;
}

interface Place {
  readonly namespace: string;
  /** `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`, as it stands in the path. */
  readonly id: string;
}

/** `10.244.1.7:8080`, as errors name it and as links may. */
export function hostOf({ address, port }: Destination): string {
  const host = isIPv6(address) ? `[${address}]` : address;
  return port === '' ? host : `${host}:${port}`;
}

/** A Pod's address with the port asked for, or with the first that it declares. Throws 400 and 404. */
export function podDestination(context: PipelineContext, { namespace, id }: Place): Destination {
  const asked = splitId(id);
  if (!asked) throw badRequest(`invalid pod request ${JSON.stringify(id)}`);
  const { object } = liveEntry(context, resourceNamed('pods'), { namespace, name: asked.name });
  const { spec, status } = object as Pod;
  const declared = spec?.containers.find(({ ports = [] }) => ports.length > 0)?.ports?.[0];
  const address = status?.podIP ?? '';
  if (!isAllowed(address, context)) throw badRequest('address not allowed');
  return {
    scheme: asked.scheme,
    address,
    port: asked.port || `${declared?.containerPort ?? ''}`,
  };
}

/** One of a Service's ready Pods, at random. Throws 400, 404, and 503 when there is none. */
export function serviceDestination(
  context: PipelineContext,
  { namespace, id }: Place,
): Destination {
  const asked = splitId(id);
  if (!asked) throw badRequest(`invalid service request ${JSON.stringify(id)}`);
  const { scheme, name } = asked;
  const key = { namespace, name };
  const service = liveEntry(context, resourceNamed('services'), key).object as Service;
  const portName = nameOfPort(service, asked.port);
  const slices = context.store
    .collection('endpointslices')
    .entries(namespace)
    .map(({ object }) => object as EndpointSlice)
    .filter(({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === name);
  const found = slices.flatMap(({ ports, endpoints }) => {
    const port = ports?.find((one) => (one.name ?? '') === portName)?.port;
    if (port === undefined) return [];
    return endpoints
      .filter(({ conditions }) => conditions?.ready !== false)
      .filter(({ targetRef, addresses }) => isPodAt(context, { targetRef, addresses, namespace }))
      .map(({ addresses }) => ({ scheme, address: addresses[0] ?? '', port: `${port}` }));
  });
  const chosen = found[Math.floor(Math.random() * found.length)];
  if (!chosen) throw unavailable(`no endpoints available for service ${JSON.stringify(id)}`);
  return chosen;
}

export function unavailable(message: string): ApiError {
  return new ApiError(503, 'ServiceUnavailable', message);
}

function splitId(
  id: string,
): { readonly scheme: 'http' | 'https'; readonly name: string; readonly port: string } | undefined {
  const parts = id.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', parts[0], parts[1]];
  if (parts.length > 3 || name === '' || !['', 'http', 'https'].includes(scheme)) return undefined;
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port };
}

function nameOfPort({ metadata, spec }: Service, port: string): string {
  if (!/^[+-]?\d+$/.test(port)) return port;
  const declared = spec?.ports?.find((one) => one.port === Number(port));
  if (declared) return declared.name ?? '';
  throw unavailable(`no service port ${Number(port)} found for service "${metadata?.name}"`);
}

/** Only what a Pod says of itself is believed: anybody may write an address into a slice. */
function isPodAt(
  context: PipelineContext,
  of: {
    readonly targetRef: { readonly name?: string; readonly namespace?: string } | undefined;
    readonly addresses: readonly string[];
    readonly namespace: string;
  },
): boolean {
  const { targetRef, addresses, namespace } = of;
  if (!targetRef?.name) return false;
  const key = `${targetRef.namespace ?? namespace}/${targetRef.name}`;
  const pod = context.store.collection('pods').get(key)?.object as Pod | undefined;
  const own = pod?.status?.podIPs?.map(({ ip }) => ip) ?? [pod?.status?.podIP];
  return own.includes(addresses[0]) && isAllowed(addresses[0] ?? '', context);
}

/** Nothing but what a Pod can have: no loopback (but where Pods live on it), no link-local, no multicast. */
function isAllowed(address: string, { validationRules }: PipelineContext): boolean {
  if (isIPv6(address)) return !/^(?:::1?$|fe[89ab]|ff)/i.test(address);
  const [first = '', second] = address.split('.');
  if (first === '127') return validationRules.allowLoopbackEndpoints === true;
  if (first === '' || first === '0' || address === '255.255.255.255') return false;
  return !(first === '169' && second === '254') && !(Number(first) >= 224 && Number(first) < 240);
}
