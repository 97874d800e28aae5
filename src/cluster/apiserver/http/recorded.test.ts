import type { Service } from 'kubernetes-types/core/v1.js';
import { describe, expect, it, beforeAll } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';
import { recorded } from '../../../../test/support/recorded.ts';

interface Recorded {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly status: number;
  readonly warning?: string;
  readonly response: unknown;
}

const server = useApiServer();

const serviceOwnedByKubectl = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'my-svc', namespace: 'default' },
  spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }], selector: { app: 'my-api' } },
};

beforeAll(() => {
  const { api } = server();
  api.create('services', serviceOwnedByKubectl, { fieldManager: 'kubectl-client-side-apply' });
  const { items } = recorded<{ items: { metadata: { name: string } }[] }>('objects/pods.json');
  const pod = items.find(({ metadata }) => metadata.name.endsWith('bvj2c'))!;
  const { name } = pod.metadata;
  api.create('pods', { ...pod, metadata: { name, namespace: 'default' } });
});

/** Answers that are not errors, or that depend on what else was in that cluster; the other tests here look at them. */
const NOT_ERRORS = new Set([
  '410 watch',
  '410 list continue',
  'list limit 1',
  'partial metadata',
  'table none',
  'scale get',
  'selfsubjectreview',
  'watch sendInitialEvents',
]);

describe('answers as a real API server words them', () => {
  it.each(conversations())(
    '$name',
    async ({ method, path, status, response, warning, ...call }) => {
      // The recorded update names the uid of the recorded Service.
      const uid = server().api.get<Service>('services', { namespace: 'default', name: 'my-svc' })
        ?.metadata?.uid;
      const answer = await server().call(path, {
        method,
        ...(call.body !== undefined && {
          body: call.body.replace('9b2d673e-221b-4bd5-afe8-36f3aa141ceb', uid ?? ''),
        }),
        ...(call.contentType && { contentType: call.contentType }),
        ...(call.accept && { accept: call.accept }),
      });
      expect({ status: answer.status, body: comparable(answer.body) }).toEqual({
        status,
        body: comparable(response),
      });
      expect(answer.headers.warning).toBe(warning);
    },
  );
});

function conversations(): Recorded[] {
  const errors =
    recorded<Record<string, Omit<Recorded, 'name' | 'method' | 'path'> & { request: string }>>(
      'errors.json',
    );
  const responses = recorded<
    Record<
      string,
      {
        request: { method: string; path: string; headers?: Record<string, string>; body?: string };
        code: number;
        warning?: string;
        body: unknown;
      }
    >
  >('responses.json');
  return [
    ...Object.entries(errors).map(([name, { request, ...rest }]) => {
      const [method = '', path = ''] = request.split(' ');
      const body = typeof rest.body === 'string' ? rest.body : JSON.stringify(rest.body);
      return { ...rest, name, method, path, ...(body && { body }) };
    }),
    ...Object.entries(responses)
      .filter(([name]) => !NOT_ERRORS.has(name))
      .map(([name, { request, code, body, warning }]) => ({
        name,
        method: request.method,
        path: request.path,
        ...(request.body && { body: request.body }),
        ...(request.headers?.['content-type'] && { contentType: request.headers['content-type'] }),
        ...(request.headers?.['accept'] && { accept: request.headers['accept'] }),
        status: code,
        ...(warning && { warning }),
        response: body,
      })),
  ];
}

/** Without what differs from cluster to cluster: identities, instants, addresses, revisions, and Go's print of a whole object. */
function comparable(response: unknown): unknown {
  const text = JSON.stringify(response)
    .replaceAll(/"uid":"[0-9a-f-]{36}"/g, '"uid":"UID"')
    .replaceAll(/"(creationTimestamp|time)":"[^"]+"/g, '"$1":"TIME"')
    .replaceAll(/"resourceVersion":"\d+"/g, '"resourceVersion":"N"')
    .replaceAll(/10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+/g, 'ADDRESS')
    .replaceAll(/current: \d+/g, 'current: N')
    .replaceAll(/("manager":)"(?:unknown|test)"/g, '$1"CLIENT"')
    // The diff between two Go structs that follows the first line.
    .replaceAll(
      /(\(allow it to be set to 1 if it was previously negative\))\\n@@(?:[^"\\]|\\.)*/g,
      '$1',
    );
  return JSON.parse(text) as unknown;
}
