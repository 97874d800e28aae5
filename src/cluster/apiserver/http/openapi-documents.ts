import {
  loadDescriptions,
  openApiV2Json,
  openApiV2Protobuf,
  openApiV3Document,
  type OpenApiV3Document,
  openApiV3Index,
} from '../../machinery/index.ts';
import { servedGroupVersions, servedResources } from './discovery.ts';
import { type Document, documentOf, jsonDocument, sendDocument } from './document.ts';
import type { Exchange } from './exchange.ts';

/** Answers below `/openapi`; false for paths where there is nothing. */
export type OpenApiServer = (exchange: Exchange) => Promise<boolean>;

const V3 = '/openapi/v3/';

/** The documents are made when somebody asks, each once: start-up does not pay for them. */
export function createOpenApiServer(version: string): OpenApiServer {
  const made = new Map<string, Document>();
  const once = (key: string, make: () => Document): Document => {
    const document = made.get(key) ?? make();
    made.set(key, document);
    return document;
  };
  return async (exchange) => {
    const { pathname, searchParams } = exchange.url;
    const { accept = '' } = exchange.request.headers;
    const descriptions = await loadDescriptions();
    const contentOf = (group: string, one: string): OpenApiV3Document =>
      openApiV3Document({ group, version: one }, servedResources(group, one), {
        version,
        descriptions,
      });
    const documentAt = (path: string, group: string, one: string) =>
      once(path, () => jsonDocument(contentOf(group, one)));
    if (pathname === '/openapi/v2') {
      // kubectl ≤ 1.28 reads nothing but protobuf here; its type is spelled with a dot, or Go cannot parse it.
      const document = accept.includes('proto-openapi')
        ? once('v2 protobuf', () => documentOf(V2_PROTOBUF, openApiV2Protobuf(version)))
        : once('v2 json', () => {
            const all = servedGroupVersions().map((one) => contentOf(one.group, one.version));
            return jsonDocument(openApiV2Json(all, `v${version}`));
          });
      sendDocument(exchange, document);
      return true;
    }
    if (pathname === '/openapi/v3') {
      const index = once('v3', () =>
        jsonDocument(
          openApiV3Index(
            servedGroupVersions(),
            (path, one) => documentAt(path, one.group, one.version).hash,
          ),
        ),
      );
      sendDocument(exchange, index);
      return true;
    }
    const path = pathname.slice(V3.length);
    const served = pathname.startsWith(V3) ? groupVersionOf(path) : undefined;
    if (!served) return false;
    const document = documentAt(path, served.group, served.version);
    // What a hash names never changes: a client may keep it for a year.
    if (searchParams.get('hash') === document.hash) {
      exchange.response.setHeader('Cache-Control', 'public, immutable');
      exchange.response.setHeader('Expires', new Date(Date.now() + YEAR_MS).toUTCString());
    }
    sendDocument(exchange, document);
    return true;
  };
}

const YEAR_MS = 365 * 24 * 3600 * 1000;
const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

function groupVersionOf(path: string): { group: string; version: string } | undefined {
  const [root, ...segments] = path.split('/');
  const [group, version] = root === 'api' ? ['', segments[0]] : segments;
  if (group === undefined || version === undefined) return undefined;
  return servedResources(group, version).length > 0 ? { group, version } : undefined;
}
