import type { KubeObject } from '../../api.ts';
import { liveEntry } from '../pipeline/update.ts';
import type { Draft } from '../strategy/strategy.ts';
import { scaleOf } from '../subresources/scale.ts';
import { futureRevision } from '../words.ts';
import { notAcceptable } from './accept.ts';
import { isTrue } from './exchange.ts';
import { listOptionsOf, revisionOf } from './list-options.ts';
import { pageOf } from './list-page.ts';
import { sendList } from './list.ts';
import { presentationOf, sendObject, sendPlain } from './respond.ts';
import { selectionOf } from './selection.ts';
import { keyOfTarget, type Target } from './target.ts';
import { serveWatch } from './watch.ts';
import { asksForYaml } from './yaml-answer.ts';

/** GET of one object, or of `status` or `scale` below it. */
export function getOne(target: Target): void {
  const { context, exchange, stored, subresource } = target;
  const requested = revisionOf(exchange.url.searchParams.get('resourceVersion') ?? '');
  if (requested > context.store.revision) throw futureRevision(requested, context.store.revision);
  const { object } = liveEntry(context, stored, keyOfTarget(target));
  if (subresource?.name === 'scale') sendPlain(target, 200, scaleOf(object as Draft));
  else sendObject(target, 200, object);
}

/** GET of a collection; `?watch=true` makes it a stream of events, and so does `/watch/` in the path. */
export async function getMany(target: Target): Promise<void> {
  const { context, exchange, path, resource } = target;
  const query = exchange.url.searchParams;
  const isWatch = path.isWatch ?? isTrue(query.get('watch'));
  const presentation = presentationOf(target);
  // A stream of YAML documents is nothing that clients could read.
  if (isWatch && asksForYaml(exchange.request.headers.accept)) throw notAcceptable();
  const options = listOptionsOf(query, isWatch);
  const selection = selectionOf(resource, path, query);
  if (isWatch) serveWatch(exchange, context.store, presentation, selection, options);
  else await sendList(exchange, context.store, presentation, selection, options);
}

/** What a deletecollection is about; its query is that of a list. */
export function selectedObjects({
  context,
  exchange,
  path,
  resource,
}: Target): readonly KubeObject[] {
  const query = exchange.url.searchParams;
  const options = listOptionsOf(query, false);
  const selection = selectionOf(resource, path, query);
  return pageOf(context.store, resource, selection, options).entries.map(({ object }) => object);
}
