import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '../../api-error.ts';
import { utf8Header } from '../../utf8-header.ts';
import { asksForYaml, yamlOf } from './yaml-answer.ts';

/** One request and its answer in the making. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** Sent as `Warning: 299 - "…"` with the answer, in this order. */
  readonly warnings: string[];
  /** Nothing is told outside before the state that it speaks of is on disk; undefined when it is. */
  readonly visible?: () => Promise<void> | undefined;
}

/** A flag of the query. As upstream, a flag that is there is set, unless it says that it is not. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** A whole number of the query; throws 400 for anything else. */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new ApiError(
    400,
    'BadRequest',
    `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

/** Upstream's limit for everything but exec and port-forward. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Upstream's `--request-timeout`. */
const BODY_TIMEOUT_MS = 60_000;

/** The whole request body; throws 413 when it is larger than the API server takes, 504 when it does not end. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const late = new ApiError(
    504,
    'Timeout',
    'Timeout: request did not complete within the allotted timeout',
    {},
  );
  const timeout = setTimeout(() => request.destroy(late), BODY_TIMEOUT_MS);
  try {
    return await wholeBody(request);
  } finally {
    clearTimeout(timeout);
  }
}

async function wholeBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) {
      throw new ApiError(
        413,
        'RequestEntityTooLarge',
        `Request entity too large: limit is ${MAX_BODY_BYTES}`,
      );
    }
    chunks.push(chunk as Buffer);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** Answers with a JSON document, as YAML when the client would rather have that. */
export function sendJson(exchange: Exchange, code: number, body: string | Buffer): void {
  if (asksForYaml(exchange.request.headers.accept)) {
    sendBytes(exchange, code, 'application/yaml', yamlOf(body.toString()));
  } else sendBytes(exchange, code, 'application/json', body);
}

export function sendBytes(
  exchange: Exchange,
  code: number,
  contentType: string,
  body: string | Buffer,
): void {
  const send = () => writeAnswer(exchange, code, contentType, body);
  const visible = exchange.visible?.();
  if (!visible) send();
  // A journal that cannot be written: what was done may be lost, and so the answer is an error.
  else void visible.then(send, (error: unknown) => writeError(exchange, error));
}

function writeAnswer(
  { response, warnings }: Exchange,
  code: number,
  contentType: string,
  body: string | Buffer,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(code, {
    ...warningHeader(warnings),
    ...(!response.hasHeader('Cache-Control') && { 'Cache-Control': 'no-cache, private' }),
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** RFC 9111 warn-code 299, the text quoted, each once; as upstream, what holds control characters is dropped. */
export function warningHeader(warnings: readonly string[]): { Warning?: string[] } {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  const told = [...new Set(warnings)].filter((text) => !/[\0-\x1f\x7f]/.test(text));
  if (told.length === 0) return {};
  const quoted = told.map((text) => `299 - "${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`);
  return { Warning: quoted.map(utf8Header) };
}

export function sendError(exchange: Exchange, error: unknown): void {
  const visible = exchange.visible?.();
  const send = () => writeError(exchange, error);
  if (!visible) send();
  else void visible.then(send, send);
}

function writeError(exchange: Exchange, error: unknown): void {
  const { response } = exchange;
  const { status } = toApiError(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const retryAfter = status.details?.retryAfterSeconds;
  if (retryAfter) response.setHeader('Retry-After', retryAfter);
  const body = `${JSON.stringify(withoutEmptyReason(status))}\n`;
  writeAnswer(exchange, status.code, 'application/json', body);
}

/** Errors that upstream did not foresee carry a message and no reason. */
function withoutEmptyReason(status: ApiError['status']): object {
  const { reason, ...rest } = status;
  return reason ? status : rest;
}

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof RangeError && error.message === 'Maximum call stack size exceeded') {
    // What a client sent, for nothing of ours is so deep; Go's decoders stop at 10,000 levels.
    return new ApiError(400, 'BadRequest', 'the object provided is nested too deeply');
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ message }],
  });
}

export function isGzipAccepted(request: IncomingMessage): boolean {
  return /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
}
