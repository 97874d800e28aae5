import { isTrue } from '../http/exchange.ts';
import { parseRequestPath } from '../http/request-path.ts';

/** What is asked of a kind: `list pods in shop`, `create pods/exec of web-1 in shop`. */
export interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  /** '' = the cluster, or all namespaces. */
  readonly namespace: string;
  /** '' = none in particular. */
  readonly name: string;
}

/** What is asked of a path that is no kind's: `get /version`. */
interface PathAttributes {
  readonly verb: string;
  readonly path: string;
}

/** What a request wants to do, as roles speak of it. */
export type Attributes = ResourceAttributes | PathAttributes;

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

export function attributesOf(method: string, url: URL): Attributes {
  const path = parseRequestPath(url.pathname);
  if (!path) return { verb: method.toLowerCase(), path: url.pathname };
  const slash = path.apiVersion.indexOf('/');
  const named = {
    group: slash < 0 ? '' : path.apiVersion.slice(0, slash),
    resource: path.plural,
    subresource: path.subresource ?? '',
    // A Namespace is asked for within itself, so that its admins may read it.
    namespace: path.namespace ?? (isNamespace(path) ? (path.name ?? '') : ''),
  };
  const verb = path.isWatch ? 'watch' : (VERBS[method] ?? '');
  if (path.name !== undefined) return { verb, ...named, name: path.name };
  const name = nameSelected(url.searchParams.get('fieldSelector') ?? '');
  if (verb === 'delete') return { verb: 'deletecollection', ...named, name };
  if (verb === 'watch') return { verb, ...named, name };
  if (verb !== 'get') return { verb, ...named, name: '' };
  const isWatch = isTrue(url.searchParams.get('watch'));
  return { verb: isWatch ? 'watch' : 'list', ...named, name };
}

function isNamespace({
  apiVersion,
  plural,
}: {
  readonly apiVersion: string;
  readonly plural: string;
}): boolean {
  return plural === 'namespaces' && apiVersion === 'v1';
}

/** A list of one object by its name may be allowed where others are not. */
function nameSelected(fieldSelector: string): string {
  // A comma behind a backslash is part of a value: what follows it selects nothing.
  const terms = fieldSelector.split(/(?<!\\),/);
  const names = terms.map((term) => /^metadata\.name==?([^,=!\\]+)$/.exec(term)?.[1]);
  return names.find((name) => name !== undefined) ?? '';
}
