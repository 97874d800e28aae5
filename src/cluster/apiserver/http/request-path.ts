/** What a path of the resource grammar asks for: `/apis/GROUP/VERSION[/namespaces/NS]/RESOURCE[/NAME[/SUBRESOURCE]]`. */
export interface RequestPath {
  /** `v1` or `apps/v1`. */
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** What follows the subresource, as it was sent, its slash first: the path within a Pod that is proxied to. */
  readonly rest?: string;
  /** The deprecated way to ask for a watch: `/api/v1/watch/namespaces/NS/RESOURCE[/NAME]`. */
  readonly isWatch?: true;
}

/** Undefined when the path is not of the grammar, or stops at the group version. */
export function parseRequestPath(pathname: string): RequestPath | undefined {
  const raw = pathname.split('/').slice(1);
  const segments = raw.map(decodeSegment);
  if (segments.at(-1) === '') segments.pop();
  const root = segments.shift();
  const depth = root === 'api' ? 1 : root === 'apis' ? 2 : 0;
  if (depth === 0 || segments.length <= depth) return undefined;
  const apiVersion = segments.splice(0, depth).join('/');
  if (segments[0] !== 'watch' || segments.length === 1) {
    const place = placeOf(apiVersion, segments);
    if (place.subresource === undefined) return place;
    const rest = raw.slice(1 + depth + (place.namespace === undefined ? 3 : 5));
    return rest.length > 0 ? { ...place, rest: `/${rest.join('/')}` } : place;
  }
  const place = placeOf(apiVersion, segments.slice(1));
  // Nothing below an object was ever watched.
  return place.subresource === undefined ? { ...place, isWatch: true } : undefined;
}

function placeOf(apiVersion: string, segments: readonly string[]): RequestPath {
  const [first = '', namespace, ...rest] = segments;
  // /namespaces/NS/RESOURCE is inside; /namespaces/NS and /namespaces/NS/(status|finalize) are the Namespace itself.
  if (first === 'namespaces' && namespace && rest[0] && !NAMESPACE_SUBRESOURCES.has(rest[0])) {
    const [plural, name, subresource] = rest as [string, string?, string?];
    return {
      apiVersion,
      plural,
      namespace,
      ...(name && { name }),
      ...(subresource && { subresource }),
    };
  }
  return {
    apiVersion,
    plural: first,
    ...(namespace && { name: namespace }),
    ...(rest[0] && { subresource: rest[0] }),
  };
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** A part of a path; as it stands when it is not encoded as it should be. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
