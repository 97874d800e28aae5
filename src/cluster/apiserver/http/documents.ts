import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { openApiV2Protobuf, openApiV3Document, openApiV3Index } from '../../machinery/index.ts';
import { discover, servedGroupVersions, servedResources } from './discovery.ts';
import { type Exchange, isGzipAccepted, sendBytes } from './exchange.ts';

/** Bytes that stay the same as long as the server runs: compressed and hashed once. */
interface Document {
  readonly contentType: string;
  readonly body: Buffer;
  readonly compressed: () => Buffer;
  readonly etag: string;
}

/** Answers what the server says about itself: version, discovery, OpenAPI. */
export type DocumentServer = (exchange: Exchange) => boolean;

/** `version` is the Kubernetes version that is emulated: `1.36.2`. */
export function createDocumentServer(version: string): DocumentServer {
  const documents = new Map<string, Document>();
  return (exchange) => {
    const { pathname } = exchange.url;
    const { accept = '' } = exchange.request.headers;
    const address = exchange.request.headers.host ?? '';
    const key = `${pathname} ${accept} ${address}`;
    const document = documents.get(key) ?? documentAt(pathname, { accept, address, version });
    if (!document) return false;
    if (documents.size >= MAX_DOCUMENTS) documents.clear();
    documents.set(key, document);
    send(exchange, document);
    return true;
  };
}

/** Far more than there are; a client that invents Accept headers must not fill the memory. */
const MAX_DOCUMENTS = 256;

function send(exchange: Exchange, { contentType, body, compressed, etag }: Document): void {
  const { request, response } = exchange;
  response.setHeader('ETag', etag);
  response.setHeader('Vary', 'Accept');
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const isCompressed = body.length > MIN_COMPRESSED_BYTES && isGzipAccepted(request);
  if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
  sendBytes(exchange, 200, contentType, isCompressed ? compressed() : body);
}

const MIN_COMPRESSED_BYTES = 16 * 1024;

interface Asked {
  readonly accept: string;
  readonly address: string;
  readonly version: string;
}

function documentAt(pathname: string, asked: Asked): Document | undefined {
  if (pathname === '/version' || pathname === '/version/') {
    return documentOf('application/json', json(versionInfo(asked.version), 2));
  }
  if (pathname === '/') return documentOf('application/json', json({ paths: ROOT_PATHS }, 2));
  if (pathname === '/openapi/v2') {
    // kubectl ≤ 1.28 reads nothing but protobuf here; its type is spelled with a dot, or Go cannot parse it.
    return documentOf(
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
      openApiV2Protobuf(),
    );
  }
  if (pathname === '/openapi/v3') {
    return documentOf('application/json', json(openApiV3Index(servedGroupVersions())));
  }
  if (pathname.startsWith('/openapi/v3/'))
    return openApiV3At(pathname.slice('/openapi/v3/'.length));
  const discovered = discover(pathname, asked.accept, asked.address);
  return discovered && documentOf(discovered.contentType, json(discovered.body));
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

function openApiV3At(path: string): Document | undefined {
  const [root, ...segments] = path.split('/');
  const [group, version] = root === 'api' ? ['', segments[0]] : segments;
  if (group === undefined || version === undefined) return undefined;
  const resources = servedResources(group, version);
  if (resources.length === 0) return undefined;
  return documentOf('application/json', json(openApiV3Document({ group, version }, resources)));
}

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

function documentOf(contentType: string, body: Buffer): Document {
  let compressed: Buffer | undefined;
  return {
    contentType,
    body,
    compressed: () => (compressed ??= gzipSync(body)),
    etag: `"${createHash('sha256').update(body).digest('hex').toUpperCase()}"`,
  };
}

function json(value: unknown, indent?: number): Buffer {
  return Buffer.from(`${JSON.stringify(value, undefined, indent)}\n`);
}
