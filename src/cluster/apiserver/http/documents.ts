import { discover } from './discovery.ts';
import { type Document, documentOf, jsonDocument, sendDocument } from './document.ts';
import type { Exchange } from './exchange.ts';
import { createOpenApiServer } from './openapi-documents.ts';

/** Answers what the server says about itself: version, discovery, OpenAPI. */
export type DocumentServer = (exchange: Exchange) => boolean | Promise<boolean>;

/** `version` is the Kubernetes version that is emulated: `1.36.2`. */
export function createDocumentServer(version: string): DocumentServer {
  const documents = new Map<string, Document>();
  const openApi = createOpenApiServer(version);
  return (exchange) => {
    const { pathname } = exchange.url;
    if (pathname.startsWith('/openapi/')) return openApi(exchange);
    const { accept = '' } = exchange.request.headers;
    const address = exchange.request.headers.host ?? '';
    const key = `${pathname} ${accept} ${address}`;
    const document = documents.get(key) ?? documentAt(pathname, { accept, address, version });
    if (!document) return false;
    if (documents.size >= MAX_DOCUMENTS) documents.clear();
    documents.set(key, document);
    sendDocument(exchange, document);
    return true;
  };
}

/** Far more than there are; a client that invents Accept headers must not fill the memory. */
const MAX_DOCUMENTS = 256;

interface Asked {
  readonly accept: string;
  readonly address: string;
  readonly version: string;
}

function documentAt(pathname: string, asked: Asked): Document | undefined {
  if (pathname === '/version' || pathname === '/version/') {
    return jsonDocument(versionInfo(asked.version), 2);
  }
  if (pathname === '/') return jsonDocument({ paths: ROOT_PATHS }, 2);
  const discovered = discover(pathname, asked.accept, asked.address);
  return (
    discovered &&
    documentOf(discovered.contentType, Buffer.from(`${JSON.stringify(discovered.body)}\n`))
  );
}

const ROOT_PATHS = [
  '/api',
  '/apis',
  '/healthz',
  '/livez',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
];

function versionInfo(version: string): object {
  const [major = '', minor = ''] = version.split('.');
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    gitVersion: `v${version}+pitstop`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: 'node',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
