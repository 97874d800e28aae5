import type { Node } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../api.ts';
import { negotiate } from '../http/accept.ts';
import { isTrue, sendJson } from '../http/exchange.ts';
import { listOptionsOf } from '../http/list-options.ts';
import { includeObjectOf, partialMetadata } from '../http/present.ts';
import { selectionOf } from '../http/selection.ts';
import type { Target } from '../http/target.ts';
import { timestamp } from '../pipeline/context.ts';
import { liveEntry } from '../pipeline/update.ts';
import { resourceNamed } from '../resources/registry.ts';
import { methodNotAllowed, notFound } from '../words.ts';
import type { Usage } from './usage.ts';
import { type UsageObject, usageTable } from './usage-table.ts';

/** GET of PodMetrics and NodeMetrics, as metrics-server answers; measured while the client waits. */
export function serveUsage(target: Target, usage: Usage): void {
  const { exchange, path, resource } = target;
  const query = exchange.url.searchParams;
  if (isTrue(query.get('watch'))) throw methodNotAllowed();
  const representation = negotiate(exchange.request.headers.accept);
  if (path.name === undefined) listOptionsOf(query, false);
  const selection = selectionOf(resource, path, query);
  const found = objectsOf(target, usage)
    .filter((object) => selection.matches(object))
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  if (path.name !== undefined && found.length === 0) throw missing(target);
  const list = (kind: string, apiVersion: string, items: readonly KubeObject[]) => ({
    kind,
    apiVersion,
    metadata: {},
    items,
  });
  const body =
    representation === 'Table'
      ? usageTable(found, includeObjectOf(query))
      : representation === 'PartialObjectMetadata'
        ? path.name === undefined
          ? list('PartialObjectMetadataList', 'meta.k8s.io/v1', found.map(partialMetadata))
          : partialMetadata(found[0]!)
        : path.name === undefined
          ? list(`${resource.kind}List`, API_VERSION, found)
          : found[0];
  sendJson(exchange, 200, `${JSON.stringify(body)}\n`);
}

const API_VERSION = 'metrics.k8s.io/v1beta1';

function objectsOf({ context, resource }: Target, usage: Usage): UsageObject[] {
  const creationTimestamp = timestamp(context.now());
  if (resource.plural === 'pods')
    return usage.podMetrics().map(({ metadata, ...measured }) => ({
      kind: 'PodMetrics',
      apiVersion: API_VERSION,
      metadata: { ...metadata, creationTimestamp },
      ...measured,
    }));
  return [...usage.nodeMetrics()].map(([name, measured]) => {
    const node = context.store.collection('nodes').get(name)?.object as Node | undefined;
    const labels = node?.metadata?.labels ?? {};
    return {
      kind: 'NodeMetrics',
      apiVersion: API_VERSION,
      metadata: { name, labels, creationTimestamp },
      ...measured,
    };
  });
}

/** There may be no such object, or nothing has been measured of it yet. */
function missing({ context, path, resource }: Target): Error {
  const { namespace, name = '' } = path;
  liveEntry(context, resourceNamed(resource.plural), { namespace, name });
  const measured = { group: resource.group, plural: resource.kind.toLowerCase() };
  return notFound(measured, namespace === undefined ? name : `${namespace}/${name}`);
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name}`;
}
