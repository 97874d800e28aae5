import { describe, expect, test } from 'vitest';

import { recorded } from '../../../../test/support/recorded.ts';
import { ApiError } from '../../api-error.ts';
import { decodeBody } from '../codec/decode-body.ts';
import { applyDefaults } from '../defaults/apply-defaults.ts';
import { invalid } from '../field-error.ts';
import { isObject, type JsonObject } from '../json-value.ts';
import { type Kind, kindOf } from '../kind-rules.ts';
import { serverSideApply } from '../managed-fields/server-side-apply.ts';
import { validateCreate, validateUpdate } from './validate.ts';

interface RecordedError {
  readonly request: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly status: number;
  readonly warning?: string;
  readonly response: unknown;
}

interface RecordedResponse {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly code: number;
  readonly body: unknown;
}

const kinds: Readonly<Record<string, Kind>> = {
  configmaps: kindOf({ group: '', version: 'v1', kind: 'ConfigMap' }),
  deployments: kindOf({ group: 'apps', version: 'v1', kind: 'Deployment' }),
  endpoints: kindOf({ group: '', version: 'v1', kind: 'Endpoints' }),
  endpointslices: kindOf({ group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice' }),
  pods: kindOf({ group: '', version: 'v1', kind: 'Pod' }),
  services: kindOf({ group: '', version: 'v1', kind: 'Service' }),
};

const errors = recorded<Record<string, RecordedError>>('errors.json');
const responses = recorded<Record<string, RecordedResponse>>('responses.json');

/** What decoding, defaulting and validating a POST refuse. */
const posts = [
  ...[
    'create invalid service',
    'create without name',
    'create wrong kind',
    'malformed json',
    'unknown field strict',
    'endpoints loopback address',
  ].map((name) => {
    const { request, contentType = '', body, response } = errors[name] as RecordedError;
    const path = request.split(' ')[1] ?? '';
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { name, path, contentType, text, response };
  }),
  ...[
    '415',
    '422 pod',
    '422 service',
    '422 deployment selector',
    '422 endpoints',
    '422 endpointslice',
    '400 strict unknown',
    '400 strict duplicate',
    '400 bad json',
  ].map((name) => {
    const { request, body: response } = responses[name] as RecordedResponse;
    const contentType = request.headers?.['content-type'] ?? '';
    return { name, path: request.path, contentType, text: request.body ?? '', response };
  }),
];

describe('a refused POST answers as the real server did:', () => {
  test.each(posts)('$name', ({ path, contentType, text, response }) => {
    expect(refusal(() => create(path, contentType, text))).toEqual(response);
  });
});

test('an unknown field is a warning when only that is asked for', () => {
  const { body, warning } = errors['unknown field warn'] as RecordedError;
  const { warnings } = decodeBody(Buffer.from(JSON.stringify(body)), 'application/json', {
    resource: kinds['configmaps'] as Kind,
    fieldValidation: 'Warn',
  });
  expect(warnings.map((text) => `299 - ${JSON.stringify(text)}`)).toEqual([warning]);
});

test('a uid that is not the object’s is refused twice over', () => {
  const { response } = errors['uid precondition on patch'] as RecordedError;
  const service = { metadata: { name: 'my-svc', uid: '5d9e' }, spec: { type: 'ExternalName' } };
  const previous = withDefaults(kinds['services'] as Kind, {
    ...service,
    spec: { type: 'ExternalName', externalName: 'x.y' },
  });
  const uid = '00000000-0000-0000-0000-000000000000';
  const next = { ...previous, metadata: { name: 'my-svc', uid } };
  expect(refusal(() => update('services', next, previous))).toEqual(response);
});

test('a cluster address may not change', () => {
  const { body } = responses['422 immutable clusterIP'] as RecordedResponse;
  const spec = { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ports: [{ port: 443 }] };
  const previous = withDefaults(kinds['services'] as Kind, {
    metadata: { name: 'kubernetes' },
    spec,
  });
  const changed = { clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9'] };
  const next = { ...previous, spec: { ...(previous['spec'] as object), ...changed } };
  expect(refusal(() => update('services', next, previous))).toEqual(body);
});

test('a Pod’s spec may not change, and the refusal shows the difference', () => {
  const { response, request } = errors['pod spec immutable'] as RecordedError;
  const name = request.split('/').at(-1);
  const { items } = recorded<{ items: JsonObject[] }>('objects/pods.json');
  const previous = items.find(({ metadata }) => isObject(metadata) && metadata['name'] === name);
  const next = {
    ...previous,
    spec: { ...(previous?.['spec'] as object), terminationGracePeriodSeconds: 7 },
  };
  expect(refusal(() => update('pods', next, previous ?? {}))).toEqual(response);
});

test('an apply that takes a field from its manager is a conflict', () => {
  const { response, body } = errors['ssa conflict'] as RecordedError;
  const vector = recorded<{ name: string; before: JsonObject }[]>('patch-vectors.json').find(
    ({ name }) => name === 'ssa: service selector owned by apply',
  );
  const gvk = kinds['services'] as Kind;
  const options = { gvk, live: vector?.before, applied: body, force: false };
  const time = '2026-11-23T02:00:00Z';
  expect(refusal(() => serverSideApply({ ...options, manager: 'other', time }))).toEqual(response);
});

test('loopback endpoints are allowed where Pods have no other addresses', () => {
  const { body } = errors['endpoints loopback address'] as RecordedError;
  const gvk = kinds['endpoints'] as Kind;
  const object = withDefaults(gvk, body as JsonObject);
  expect(validateCreate(gvk, object, { allowLoopbackEndpoints: true })).toEqual([]);
});

function create(path: string, contentType: string, text: string): void {
  const url = new URL(path, 'https://server');
  const resource = kinds[url.pathname.split('/').at(-1) ?? ''] as Kind;
  const fieldValidation = (url.searchParams.get('fieldValidation') ?? 'Warn') as 'Strict' | 'Warn';
  const { object } = decodeBody(Buffer.from(text), contentType, { resource, fieldValidation });
  const defaulted = withDefaults(resource, object as JsonObject);
  const found = validateCreate(resource, defaulted);
  if (found.length > 0) throw invalid(resource, nameOf(defaulted), found);
}

function update(plural: string, next: JsonObject, previous: JsonObject): void {
  const gvk = kinds[plural] as Kind;
  const found = validateUpdate(gvk, next, previous);
  if (found.length > 0) throw invalid(gvk, nameOf(next), found);
}

function refusal(attempt: () => void): unknown {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
  return 'accepted';
}

function withDefaults(gvk: Kind, object: JsonObject): JsonObject {
  return applyDefaults(gvk, object);
}

function nameOf(object: JsonObject): string {
  const metadata = object['metadata'] as JsonObject;
  return (metadata['name'] as string | undefined) ?? '';
}
