import { posix } from 'node:path';

/** Where a page came from, and under which path the client sees it. */
export interface Page {
  /** `10.244.1.7:8080`, as the Pod may call itself. */
  readonly host: string;
  /** The Host header of the client's request. */
  readonly requestHost: string;
  /** `/api/v1/namespaces/shop/pods/web-1/proxy` */
  readonly prefix: string;
}

const URL_PARTS = /^([a-z][a-z0-9+.-]*:)?(\/\/[^/?#]*)?([^?#]*)(.*)$/is;

/** A link so that it leads through the proxy again; those to elsewhere and relative ones stay. */
export function rewriteUrl(url: string, { host, requestHost, prefix }: Page): string {
  const [, scheme = '', authority = '', path = '', rest = ''] = URL_PARTS.exec(url) ?? [];
  const named = authority.slice(2);
  const isElsewhere = named !== '' && named !== host && named !== requestHost;
  if (isElsewhere || !path.startsWith('/')) return url;
  const origin = named !== '' && named === requestHost ? `${scheme}${authority}` : '';
  const reached = path.startsWith(prefix) ? path : posix.join(prefix, path);
  return `${origin}${reached}${rest}`;
}
