import type { KubeObject } from '../../api.ts';
import { keyOf } from '../../store/index.ts';
import { negotiate } from './accept.ts';
import { sendJson } from './exchange.ts';
import { includeObjectOf, present, type Presentation, servedJson } from './present.ts';
import type { Target } from './target.ts';

const NEWLINE = Buffer.from('\n');

export function presentationOf({ exchange, stored, resource }: Target): Presentation {
  const { storedAs } = resource;
  return {
    resource: storedAs ? resource : stored,
    representation: negotiate(exchange.request.headers.accept),
    includeObject: includeObjectOf(exchange.url.searchParams),
  };
}

/** Answers with an object of the target's kind, in the representation asked for. */
export function sendObject(target: Target, code: number, object: KubeObject): void {
  const { exchange, context, resource, stored } = target;
  const presentation = presentationOf(target);
  const { namespace, name = '' } = object.metadata ?? {};
  const entry = context.store.collection(stored.plural).get(keyOf(namespace, name));
  // The stored revision's JSON is made once for everybody who asks.
  const json =
    presentation.representation === 'object' && entry?.object === object
      ? Buffer.concat([servedJson(resource, entry), NEWLINE])
      : `${JSON.stringify(present(presentation, object))}\n`;
  sendJson(exchange, code, json);
}

/** Answers with an object that is of no stored kind: a Scale, a review, a Status. */
export function sendPlain({ exchange }: Target, code: number, object: object): void {
  sendJson(exchange, code, `${JSON.stringify(object)}\n`);
}
