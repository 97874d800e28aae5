import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { recorded } from '../../../../test/support/recorded.ts';
import { ApiError } from '../../api-error.ts';
import { type GroupVersionKind, parseApiVersion } from '../group-version-kind.ts';
import type { JsonObject } from '../json-value.ts';
import { conform } from '../schema/conform.ts';
import { typeOf } from '../schema/types.ts';
import { decodeBody, type FieldValidation } from './decode-body.ts';
import { decodeApplyPatch } from './decode-apply-patch.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const pods: GroupVersionKind = { group: '', version: 'v1', kind: 'Pod' };
const services: GroupVersionKind = { group: '', version: 'v1', kind: 'Service' };

interface ProtobufBody {
  readonly command: string;
  readonly body: string;
  readonly object?: JsonObject & { readonly apiVersion: string; readonly kind: string };
}

describe('protobuf as kubectl 1.33 sends it', () => {
  const bodies = recorded<ProtobufBody[]>('protobuf-bodies.json');

  test.each(bodies.filter(({ object }) => object))(
    '$command is the object kubectl shows',
    ({ body, object }) => {
      if (!object) return;
      const gvk = { ...parseApiVersion(object.apiVersion), kind: object.kind };
      const decoded = decode(Buffer.from(body, 'base64'), { contentType: protobuf, resource: gvk });
      expect(decoded).toEqual(conform(typeOf(gvk), object));
    },
  );

  test('a review is decoded', () => {
    const review = {
      group: 'authorization.k8s.io',
      version: 'v1',
      kind: 'SelfSubjectAccessReview',
    };
    const { body = '' } = bodies.find(({ command }) => command === 'auth can-i') ?? {};
    const decoded = decode(Buffer.from(body, 'base64'), {
      contentType: protobuf,
      resource: review,
    });
    expect(decoded).toMatchObject({
      spec: { resourceAttributes: { namespace: 'default', resource: 'pods', verb: 'list' } },
    });
  });

  test.each([
    ['no envelope', Buffer.from('{}')],
    ['a cut message', Buffer.from(bodies[1]?.body ?? '', 'base64').subarray(0, 60)],
  ])('%s is a bad request', (_, body) => {
    expect(() => decode(body, { contentType: protobuf })).toThrow(ApiError);
  });
});

describe('field validation', () => {
  const text =
    '{"spec":{"bogus":1,"ports":[{"port":80,"zip":1,"port":81}],"type":"x"},"metadata":{}}';
  const objections = [
    'unknown field "spec.bogus"',
    'unknown field "spec.ports[0].zip"',
    'duplicate field "spec.ports[0].port"',
  ];

  test('Strict refuses, in the order of the text', () => {
    expect(() => decode(Buffer.from(text), { fieldValidation: 'Strict' })).toThrow(
      `Service in version "v1" cannot be handled as a Service: strict decoding error: ${objections.join(', ')}`,
    );
  });

  test('Warn warns and drops', () => {
    const { warnings, object } = decodeBody(Buffer.from(text), 'application/json', {
      resource: services,
      fieldValidation: 'Warn',
    });
    expect(warnings).toEqual(objections);
    expect(object).toMatchObject({ spec: { ports: [{ port: 81 }], type: 'x' } });
    expect(object).not.toHaveProperty('spec.bogus');
  });

  test('Ignore drops silently', () => {
    expect(decode(Buffer.from(text), { fieldValidation: 'Ignore' })).not.toHaveProperty(
      'spec.bogus',
    );
  });

  test('whatever fields are added to a valid Service, each is named once', () => {
    const name = fc.stringMatching(/^x[a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), (names) => {
        const spec = Object.fromEntries(names.map((one) => [one, { nested: 1 }]));
        const body = Buffer.from(JSON.stringify({ spec: { ...spec, type: 'ClusterIP' } }));
        const { warnings } = decodeBody(body, 'application/json', {
          resource: services,
          fieldValidation: 'Warn',
        });
        expect(warnings).toEqual(names.map((one) => `unknown field "spec.${one}"`));
      }),
    );
  });

  test('whatever label is given twice, it is named, and the last one counts', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,8}$/), fc.string(), fc.string(), (key, one, two) => {
        const labels = `{${[one, two].map((value) => `"${key}":${JSON.stringify(value)}`).join()}}`;
        const body = Buffer.from(`{"metadata":{"labels":${labels}}}`);
        const { warnings, object } = decodeBody(body, 'application/json', {
          resource: services,
          fieldValidation: 'Warn',
        });
        expect(warnings).toEqual([`duplicate field "metadata.labels.${key}"`]);
        expect(object).toHaveProperty(['metadata', 'labels', key], two);
      }),
    );
  });
});

describe('JSON', () => {
  test('reads what JSON.parse reads, for any value in an open place', () => {
    const resource = { group: 'apps', version: 'v1', kind: 'ControllerRevision' };
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        fc.pre(data !== null);
        const body = Buffer.from(JSON.stringify({ data, revision: 1 }, undefined, 2));
        const decoded = decode(body, { resource, fieldValidation: 'Strict' });
        expect(decoded).toHaveProperty('data', JSON.parse(JSON.stringify(data)));
      }),
    );
  });

  test.each([
    ['{"a":', 'unexpected end of JSON input ({"a":)'],
    ['{"a":1,}', 'invalid character \'}\' looking for beginning of object key string ({"a":1,})'],
    ['{"a" 1}', 'invalid character \'1\' after object key ({"a" 1})'],
    ['{"a":tru}', 'invalid character \'t\' looking for beginning of value ({"a":tru})'],
  ])('%s is refused in words of its own', (text, reason) => {
    expect(() => decode(Buffer.from(text), { resource: pods })).toThrow(
      `the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: ${reason}`,
    );
  });

  test.each([
    [
      { spec: { replicas: 'x' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: { template: { spec: { containers: [{ ports: [{ containerPort: 1.5 }] }] } } } },
      'json: cannot unmarshal number 1.5 into Go struct field ContainerPort.spec.template.spec.containers.ports.containerPort of type int32',
    ],
    [
      { metadata: { labels: { a: 1 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      { spec: { template: { spec: { containers: { name: 'c' } } } } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
    ],
    [
      { metadata: { creationTimestamp: 'soon' } },
      'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"',
    ],
  ])('%j has a wrong type', (object, reason) => {
    const resource = { group: 'apps', version: 'v1', kind: 'Deployment' };
    expect(() => decode(Buffer.from(JSON.stringify(object)), { resource })).toThrow(
      `Deployment in version "v1" cannot be handled as a Deployment: ${reason}`,
    );
  });

  test.each([
    [
      { apiVersion: 'v2', kind: 'Pod' },
      'Pod in version "v2" cannot be handled as a Pod: no kind "Pod" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      'Deployment in version "v1" cannot be handled as a Pod: converting (v1.Deployment) to (core.Pod): unknown conversion',
    ],
  ])('%j is no Pod', (object, message) => {
    expect(() => decode(Buffer.from(JSON.stringify(object)), { resource: pods })).toThrow(message);
  });
});

describe('YAML', () => {
  test('is read as Kubernetes reads it', () => {
    const text =
      'metadata:\n  name: x\n  creationTimestamp: 2026-11-23T01:12:13Z\nspec:\n  publishNotReadyAddresses: yes\n';
    expect(decode(Buffer.from(text), { contentType: 'application/yaml' })).toMatchObject({
      metadata: { name: 'x', creationTimestamp: '2026-11-23T01:12:13Z' },
      spec: { publishNotReadyAddresses: true },
    });
  });

  test('duplicates are refused with their line', () => {
    const text = 'metadata:\n  name: x\n  name: y\n';
    const attempt = () =>
      decode(Buffer.from(text), { contentType: 'application/yaml', fieldValidation: 'Strict' });
    expect(attempt).toThrow(
      'strict decoding error: yaml: unmarshal errors:\n  line 3: key "name" already set in map',
    );
  });

  test('an applied configuration stays as it was written', () => {
    const text =
      '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"c"}],"hostPID":false}}';
    const { object } = decodeApplyPatch(Buffer.from(text), { fieldValidation: 'Strict' });
    expect(object).toEqual(JSON.parse(text));
  });
});

test.each([
  ['0.5', '500m'],
  [1, '1'],
  ['1000m', '1'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['1e3', '1e3'],
  ['0', '0'],
  ['100Mi', '100Mi'],
  ['1500', '1500'],
  ['0.1', '100m'],
])('the quantity %s is written back as %s', (given, canonical) => {
  const body = Buffer.from(
    JSON.stringify({
      spec: { containers: [{ name: 'c', resources: { limits: { cpu: given } } }] },
    }),
  );
  expect(decode(body, { resource: pods })).toHaveProperty(
    'spec.containers[0].resources.limits.cpu',
    canonical,
  );
});

function decode(
  body: Buffer,
  {
    contentType = 'application/json',
    resource = services,
    fieldValidation = 'Warn',
  }: {
    contentType?: string;
    resource?: GroupVersionKind;
    fieldValidation?: FieldValidation;
  },
): unknown {
  return decodeBody(body, contentType, { resource, fieldValidation }).object;
}
