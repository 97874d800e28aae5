import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NodeAgent } from '../../api.ts';
import { type MetricFamily, textFormat, textFormatType } from '../../metrics/index.ts';
import { type Access, admit } from '../auth/access.ts';
import { openIdDocument } from '../auth/discovery-documents.ts';
import type { KubernetesVersion } from '../kubernetes-version.ts';
import type { PipelineContext } from '../pipeline/context.ts';
import { liveEntry } from '../pipeline/update.ts';
import { findResource, isServedVersion } from '../resources/registry.ts';
import type { Verb } from '../resources/resource.ts';
import type { Controls } from '../../control/controls.ts';
import type { FaultTable } from '../../faults/fault-table.ts';
import { healthOf } from './health.ts';
import { meetFault } from './request-fault.ts';
import { badRequest, methodNotAllowed, streamingListRefused, unknownResource } from '../words.ts';
import type { DocumentServer } from './documents.ts';
import { type Exchange, sendBytes, sendError } from './exchange.ts';
import { sendLog } from './log.ts';
import { serveUsage } from '../usage/serve-usage.ts';
import type { Usage } from '../usage/usage.ts';
import { getMany, getOne } from './read.ts';
import { deleteMany, deleteOne } from './remove.ts';
import { parseRequestPath } from './request-path.ts';
import { keyOfTarget, storedResource, type Target } from './target.ts';
import { patchOne, postOne, putOne } from './write.ts';

export interface HandlerOptions {
  readonly context: PipelineContext;
  readonly access: Access;
  /** `https://10.244.0.1:6443`, as Pods reach it. */
  readonly address: string;
  readonly documents: DocumentServer;
  readonly agent: () => NodeAgent;
  readonly usage: () => Usage;
  readonly metrics: () => Promise<readonly MetricFamily[]>;
  readonly faults?: FaultTable;
  readonly controls?: () => Controls;
  readonly version: KubernetesVersion;
}

/** Answers one request; every error becomes a Status. */
export async function handle(
  options: HandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange: Exchange = {
    request,
    response,
    url: urlOf(request),
    warnings: [],
    visible: () => options.context.store.whenVisible(),
  };
  try {
    await dispatch(options, exchange);
  } catch (error) {
    sendError(exchange, error);
  }
}

export function urlOf({ url = '/' }: IncomingMessage): URL {
  // Not as a reference to be resolved: `//` alone would be an address that does not parse.
  return new URL(`https://localhost${url.startsWith('/') ? url : '/'}`);
}

async function dispatch(options: HandlerOptions, exchange: Exchange): Promise<void> {
  const { pathname } = exchange.url;
  const { access } = options;
  const user = admit(access, exchange.request, exchange.url);
  if (options.controls && pathname.startsWith(CONTROL_PATH)) {
    const { serveControl } = await import('../../control/serve-control.ts');
    return await serveControl(options.controls(), exchange);
  }
  if (options.faults && !(await meetFault(options.faults, exchange, user))) return;
  const health = healthOf(exchange.url);
  if (health !== undefined) {
    sendBytes(exchange, 200, 'text/plain; charset=utf-8', health);
    return;
  }
  if (pathname === '/metrics' && exchange.request.method === 'GET') {
    sendBytes(exchange, 200, textFormatType, textFormat(await options.metrics()));
    return;
  }
  if (exchange.request.method === 'GET' && (await options.documents(exchange))) return;
  const target = targetOf(options.context, exchange.url);
  if (!target && sendOpenIdDocument(options, exchange)) return;
  if (!target) {
    sendBytes(exchange, 404, 'text/plain; charset=utf-8', '404 page not found\n');
    return;
  }
  if (options.version.warnsOfEndpoints && target.resource.plural === 'endpoints') {
    exchange.warnings.push(ENDPOINTS_WARNING);
  }
  if (!options.version.streamsLists && exchange.url.searchParams.has('sendInitialEvents')) {
    throw streamingListRefused();
  }
  await serve(options, { ...target, exchange, access, user });
}

/** The cluster's own paths, which no Kubernetes has. */
const CONTROL_PATH = '/pitstop.dev/';
const ENDPOINTS_WARNING =
  'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice';

function sendOpenIdDocument({ access, address }: HandlerOptions, exchange: Exchange): boolean {
  if (exchange.request.method !== 'GET') return false;
  const { keySet } = access.tokens;
  const document = openIdDocument(exchange.url.pathname, { keySet, apiServer: address });
  if (!document) return false;
  sendBytes(exchange, 200, document.contentType, JSON.stringify(document.body));
  return true;
}

/** Undefined for paths outside the grammar and unknown group versions; throws 404 for an unknown resource in a known one. */
export function targetOf(
  context: PipelineContext,
  url: URL,
): Omit<Target, 'exchange' | 'access' | 'user'> | undefined {
  const path = parseRequestPath(url.pathname);
  if (!path) return undefined;
  const resource = findResource(path.apiVersion, path.plural);
  if (!resource) {
    if (isServedVersion(path.apiVersion)) throw unknownResource();
    return undefined;
  }
  if (path.namespace !== undefined && !resource.namespaced) throw unknownResource();
  if (path.namespace === undefined && resource.namespaced && path.name !== undefined)
    throw unknownResource();
  const subresource = resource.subresources.find(({ name }) => name === path.subresource);
  if (path.subresource !== undefined && !subresource) throw unknownResource();
  if (path.rest && path.rest !== '/' && subresource?.name !== 'proxy') throw unknownResource();
  return {
    context,
    path,
    resource,
    stored: storedResource(resource),
    ...(subresource && { subresource }),
  };
}

async function serve({ agent, usage }: HandlerOptions, target: Target): Promise<void> {
  const { path, resource, subresource, exchange } = target;
  const method = exchange.request.method ?? 'GET';
  if (subresource?.name === 'proxy') {
    const { serveProxy } = await import('../proxy/index.ts');
    return await serveProxy(target);
  }
  const verb = path.isWatch ? watchVerbOf(method) : verbOf(method, path.name !== undefined);
  if (!(subresource ?? resource).verbs.includes(verb)) throw methodNotAllowed();
  if (verb === 'create' && resource.namespaced && path.namespace === undefined) {
    throw methodNotAllowed();
  }
  if (subresource && STREAMS.has(subresource.name)) {
    // Pod first: upstream finds out that there is none before it looks at the upgrade.
    liveEntry(target.context, target.stored, keyOfTarget(target));
    throw badRequest('Upgrade request required');
  }
  if (subresource?.name === 'log') return sendLog(target, agent());
  if (resource.group === 'metrics.k8s.io') return serveUsage(target, usage());
  switch (verb) {
    case 'get':
      return getOne(target);
    case 'list':
    case 'watch':
      return getMany(target);
    case 'create':
      return postOne(target);
    case 'update':
      return putOne(target);
    case 'patch':
      return patchOne(target);
    case 'delete':
      return deleteOne(target);
    case 'deletecollection':
      return deleteMany(target);
    default:
      throw new TypeError(`no such verb: ${verb satisfies never}`);
  }
}

export const STREAMS: ReadonlySet<string> = new Set(['attach', 'exec', 'portforward']);

function watchVerbOf(method: string): Verb {
  if (method !== 'GET') throw methodNotAllowed();
  return 'watch';
}

function verbOf(method: string, hasName: boolean): Verb {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return hasName ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      if (hasName) return 'update';
      break;
    case 'PATCH':
      if (hasName) return 'patch';
      break;
    case 'DELETE':
      return hasName ? 'delete' : 'deletecollection';
    default:
  }
  throw methodNotAllowed();
}
