import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { useApiServer } from '../../../../test/support/api-server.ts';

const server = useApiServer();
const path = '/api/v1/namespaces/default/configmaps';
const accept = 'application/yaml';

describe('YAML', () => {
  it('goes in and comes out', async () => {
    const body = 'metadata:\n  name: y\ndata:\n  answer: "yes"\n  text: |\n    a\n    b\n';
    const { status, headers, text } = await server().call(path, {
      method: 'POST',
      body,
      contentType: 'application/yaml',
      accept,
    });
    expect(status).toBe(201);
    expect(headers['content-type']).toBe('application/yaml');
    expect(
      text.startsWith('apiVersion: v1\ndata:\n  answer: "yes"\n  text: |\n    a\n    b\nkind:'),
    ).toBe(true);
    expect(parse(text)).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'y' } });
  });

  it('lists, and says what went wrong', async () => {
    const list = parse((await server().call(path, { accept })).text) as { items: unknown[] };
    expect(list).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'y' } }] });
    const { status, text } = await server().call(`${path}/nope`, { accept });
    expect(status).toBe(404);
    expect(parse(text)).toMatchObject({ kind: 'Status', reason: 'NotFound' });
  });

  it('stands back behind JSON, and is no stream', async () => {
    const json = await server().call(`${path}/y`, { accept: 'application/json, application/yaml' });
    expect(json.headers['content-type']).toBe('application/json');
    expect((await server().call(`${path}?watch=1`, { accept })).status).toBe(406);
  });
});

describe('CBOR', () => {
  const cbor = 'application/cbor';

  it('is refused, and clients fall back to JSON', async () => {
    const write = { method: 'POST', body: 'x', contentType: cbor };
    expect((await server().call(path, write)).status).toBe(415);
    expect((await server().call(path, { accept: cbor })).status).toBe(406);
    const patch = { method: 'PATCH', body: 'x', contentType: 'application/apply-patch+cbor' };
    expect((await server().call(`${path}/y?fieldManager=m`, patch)).status).toBe(415);
    const read = await server().call(`${path}/y`, { accept: `${cbor}, application/json;q=0.9` });
    expect(read.status).toBe(200);
  });
});

it('has no Table for what is not printed in one', async () => {
  const { status } = await server().call('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    method: 'POST',
    body: { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } },
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  });
  expect(status).toBe(406);
});
