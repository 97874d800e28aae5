import { expect } from 'vitest';
import { ApiFailure } from '../support/api.ts';
import { type Conformance, conformance } from '../support/conformance.ts';

conformance(
  '[sig-api-machinery] FieldValidation should detect unknown and duplicate fields of a typed object',
  async (c) => {
    const refused = await createRaw(c, {
      metadata: '"name": "my-dep"',
      spec: '"unknownField": "foo", "replicas": 2, "replicas": 3',
    });
    expect(refused.message).toContain(
      'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"',
    );
  },
);

conformance(
  '[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object',
  async (c) => {
    const refused = await createRaw(c, {
      metadata: '"name": "my-dep", "unknownMeta": "foo"',
      spec: '"replicas": 1',
    });
    expect(refused.message).toContain(
      'strict decoding error: unknown field "metadata.unknownMeta"',
    );
  },
);

/** Sends a Deployment as text, for no object has one field twice, and returns the refusal. */
async function createRaw(
  c: Conformance,
  fields: { readonly metadata: string; readonly spec: string },
): Promise<ApiFailure> {
  const template = {
    metadata: { labels: { app: 'nginx' } },
    spec: { containers: [{ name: 'nginx', image: 'nginx:latest' }] },
  };
  const body = `{"apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {${fields.metadata}, "labels": {"app": "nginx"}},
    "spec": {${fields.spec}, "selector": {"matchLabels": {"app": "nginx"}},
      "template": ${JSON.stringify(template)}}}`;
  const query = { fieldManager: 'field_validation_mgr', fieldValidation: 'Strict' };
  const path = `/apis/apps/v1/namespaces/${c.namespace}/deployments`;
  const refused = await c.api.call('POST', path, { body, query }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ApiFailure);
  return refused as ApiFailure;
}
