import { ApiError } from '../api-error.ts';
import type { CertificateUser } from '../apiserver/certificates.ts';
import { type Exchange, readBody, sendJson } from '../apiserver/http/exchange.ts';
import { decodeSegment } from '../apiserver/http/request-path.ts';
import type { Controls, KillTarget } from './controls.ts';

const PREFIX = '/pitstop.dev/';

/** Answers one request to the cluster's own paths; the caller has authorized it. */
export async function serveControl(controls: Controls, exchange: Exchange): Promise<void> {
  const { request, url } = exchange;
  const [collection, ...rest] = url.pathname.slice(PREFIX.length).split('/');
  const name = rest.map(decodeSegment).join('/');
  const call = `${request.method} ${collection}${name ? '/NAME' : ''}`;
  const answer = await act(call, { controls, name, body: () => jsonOf(exchange) });
  sendJson(exchange, 200, `${JSON.stringify(answer)}\n`);
}

interface Act {
  readonly controls: Controls;
  readonly name: string;
  readonly body: () => Promise<unknown>;
}

async function act(call: string, { controls, name, body }: Act): Promise<object> {
  const { faults } = controls;
  switch (call) {
    case 'GET faults':
      return { items: faults.list() };
    case 'POST faults': {
      const { parseFault } = await import('../faults/parse-fault.ts');
      return faults.add(valid(parseFault, await body()));
    }
    case 'DELETE faults':
      faults.clear();
      return {};
    case 'DELETE faults/NAME':
      if (!faults.remove(name)) throw missing('fault', name);
      return {};
    case 'GET images':
      return controls.images();
    case 'PUT images/NAME': {
      const { parseImage } = await import('./parse-image.ts');
      controls.setImage(name, valid(parseImage, await body()));
      return {};
    }
    case 'DELETE images/NAME':
      if (!controls.removeImage(name)) throw missing('image', name);
      return {};
    case 'POST compactions':
      controls.compact();
      return {};
    case 'POST users':
      return controls.issueClientCertificate(valid(certificateUser, await body()));
    case 'POST kills':
      controls.kill(valid(killTarget, await body()));
      return {};
    case 'PUT nodes/NAME':
      await controls.runNode(name, valid(isRunning, await body()));
      return {};
    default:
      throw new ApiError(404, 'NotFound', `the embedded cluster has no ${call.toLowerCase()}`);
  }
}

async function jsonOf({ request }: Exchange): Promise<unknown> {
  const text = (await readBody(request)).toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ApiError(400, 'BadRequest', 'the body is not JSON');
  }
}

function valid<T>(parse: (value: unknown) => T, value: unknown): T {
  try {
    return parse(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ApiError(422, 'Invalid', error.message);
  }
}

function killTarget(value: unknown): KillTarget {
  const { namespace, pod, container } = (value ?? {}) as Record<string, unknown>;
  if (typeof namespace !== 'string' || typeof pod !== 'string')
    throw new TypeError(
      'say which container: namespace and pod, and container when there are several',
    );
  if (container !== undefined && typeof container !== 'string')
    throw new TypeError('container: must be the name of a container');
  return { namespace, pod, ...(container !== undefined && { container }) };
}

function certificateUser(value: unknown): CertificateUser {
  const { username, groups = [] } = (value ?? {}) as Record<string, unknown>;
  if (typeof username !== 'string' || username === '')
    throw new TypeError('username: must be the name of a user');
  if (!Array.isArray(groups) || groups.some((group) => typeof group !== 'string'))
    throw new TypeError('groups: must be a list of names');
  return { username, groups: groups as string[] };
}

function isRunning(value: unknown): boolean {
  const { running } = (value ?? {}) as Record<string, unknown>;
  if (typeof running !== 'boolean') throw new TypeError('running: must be true or false');
  return running;
}

function missing(what: string, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${what} "${name}" not found`);
}
