import { type Body, bodyFor } from './bodies.ts';
import type { Random } from './random.ts';

/** One kind or subresource, as discovery tells of it. */
export interface Served {
  /** `v1` or `apps/v1` */
  readonly apiVersion: string;
  readonly plural: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  readonly subresources: readonly { readonly name: string; readonly kind: string }[];
}

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const METHODS = [
  'GET',
  'GET',
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PROPFIND',
  'TRACE',
];
const NAMES = ['web', 'web', 'web', 'fuzz-a', 'fuzz-b', 'default', 'kubernetes', 'fuzz-1', 'admin'];
const ODD_NAMES = [
  '',
  '.',
  '..',
  '%2e%2e',
  '%00',
  '%',
  '%zz',
  'a%2Fb',
  'a:b:c:d',
  'https:web:443',
  'web:http',
  'UPPER',
  '%F0%9F%A6%84',
  '%ff%fe',
  'x'.repeat(300),
  '__proto__',
  'constructor',
];
const NAMESPACES = ['default', 'fuzz', 'fuzz', 'fuzz', 'kube-system', 'none'];
const NOT_RESOURCES = [
  '/',
  '/api',
  '/apis',
  '/version',
  '/healthz',
  '/readyz/x',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/apis/apps/v1',
  '/.well-known/openid-configuration',
  '/openid/v1/jwks',
  '/nothing',
  '//',
  '/api/',
  '/apis/apps',
  '/apis//v1',
  '/api/v2/pods',
  '/apis/none/v1/x',
  '/pitstop.dev/',
  '/pitstop.dev/faults',
  '/pitstop.dev/images/%zz',
];
const ACCEPTS = [
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/vnd.kubernetes.protobuf',
  'application/yaml',
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  'text/html',
  '*/*',
  ';;;,',
  'application/json;as=',
];
const VALUES = [
  '',
  'true',
  'false',
  '0',
  '1',
  '-1',
  '5',
  '1e9',
  '9'.repeat(30),
  'x',
  '%00',
  '%',
  'a=b',
  'All',
  'Strict',
  'Background',
  'Orphan',
  'NotOlderThan',
  'Exact',
  'Object',
  'None',
];
const QUERIES = [
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'allowWatchBookmarks',
  'sendInitialEvents',
  'pretty',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'force',
  'propagationPolicy',
  'gracePeriodSeconds',
  'orphanDependents',
  'includeObject',
  'container',
  'tailLines',
  'sinceSeconds',
  'sinceTime',
  'limitBytes',
  'stream',
  'previous',
  'timestamps',
  'command',
  'stdin',
  'stdout',
  'tty',
  'ports',
  'path',
];
const SELECTORS = [
  'app=web',
  'app',
  '!app',
  'app in (web,x)',
  'app in (',
  'app=web,',
  '=',
  'app notin (a',
  ',,,',
  'metadata.name=web',
  'metadata.name!=web,',
  'status.phase=Running',
  'spec.nodeName=',
  'no.such=1',
  'a\\,b=c',
];

export function fuzzRequest(random: Random, served: readonly Served[]): FuzzRequest {
  const resource = random.pick(served);
  const subresource =
    random.chance(0.25) && resource.subresources.length > 0
      ? random.pick(resource.subresources)
      : undefined;
  const method = random.pick(METHODS);
  const name = random.chance(0.9) ? random.pick(NAMES) : random.pick(ODD_NAMES);
  const isNamed =
    subresource !== undefined || (method === 'POST' ? random.chance(0.05) : random.chance(0.6));
  const path = random.chance(0.06)
    ? random.pick(NOT_RESOURCES)
    : pathOf(random, {
        resource,
        subresource: subresource?.name,
        name: isNamed ? name : undefined,
      });
  const body: Body | undefined =
    ['POST', 'PUT', 'PATCH'].includes(method) || random.chance(0.1)
      ? bodyFor(random, {
          apiVersion: resource.apiVersion,
          kind: random.chance(0.97)
            ? (subresource?.kind ?? resource.kind)
            : random.pick(served).kind,
          name,
          isPatch: method === 'PATCH',
        })
      : undefined;
  return {
    method,
    path: `${path}${queryOf(random, method)}`,
    headers: headersOf(random, body),
    ...(body && { body: body.bytes }),
  };
}

function pathOf(
  random: Random,
  of: {
    readonly resource: Served;
    readonly subresource: string | undefined;
    readonly name: string | undefined;
  },
): string {
  const { resource, subresource, name } = of;
  const { apiVersion, plural, isNamespaced } = resource;
  const inNamespace = isNamespaced ? random.chance(0.92) : random.chance(0.03);
  const path = [
    apiVersion.includes('/') ? 'apis' : 'api',
    apiVersion,
    ...(random.chance(0.02) ? ['watch'] : []),
    ...(inNamespace ? ['namespaces', random.pick(NAMESPACES)] : []),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
    ...(random.chance(0.03) ? ['more', '', 'path'] : []),
  ].join('/');
  if (!random.chance(0.04)) return `/${path}`;
  const at = random.below(path.length);
  return `/${path.slice(0, at)}${random.pick(['/', '%', '..', '', '?', '#', ';', 'x'])}${path.slice(at + random.below(3))}`;
}

function queryOf(random: Random, method: string): string {
  const pairs: string[] = [];
  if (method === 'GET' && random.chance(0.05)) pairs.push('watch=true', 'timeoutSeconds=1');
  if (random.chance(0.1)) pairs.push(`labelSelector=${encodeURIComponent(random.pick(SELECTORS))}`);
  if (random.chance(0.1)) pairs.push(`fieldSelector=${encodeURIComponent(random.pick(SELECTORS))}`);
  for (let count = random.chance(0.3) ? random.below(4) : 0; count > 0; count -= 1)
    pairs.push(`${random.pick(QUERIES)}=${random.pick(VALUES)}`);
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function headersOf(random: Random, body: Body | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (body) headers['content-type'] = body.contentType;
  if (random.chance(0.5)) headers['accept'] = random.pick(ACCEPTS);
  if (random.chance(0.2)) headers['accept-encoding'] = random.pick(['gzip', 'br', 'gzip;q=0', '']);
  if (random.chance(0.02)) headers['range'] = random.pick(['bytes=0-1', 'bytes=-1', 'x']);
  if (random.chance(0.02)) headers['if-none-match'] = random.pick(['*', '"x"', 'x']);
  if (random.chance(0.02)) headers['content-encoding'] = random.pick(['gzip', 'deflate', 'x']);
  if (random.chance(0.02)) headers['x-http-method-override'] = 'DELETE';
  if (random.chance(0.02)) headers['impersonate-user'] = random.pick(['jane', '', 'system:x']);
  if (random.chance(0.01)) headers['impersonate-group'] = random.pick(['a', 'system:masters']);
  if (random.chance(0.01)) headers['impersonate-extra-%zz'] = 'x';
  if (random.chance(0.01)) headers['cookie'] = 'x'.repeat(random.below(20_000));
  if (random.chance(0.02)) {
    headers['connection'] = 'Upgrade';
    headers['upgrade'] = random.pick(['websocket', 'SPDY/3.1', 'h2c', 'x']);
  }
  return headers;
}
