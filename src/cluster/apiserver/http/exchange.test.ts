import { expect, it } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';
import { toApiError, warningHeader } from './exchange.ts';

const server = useApiServer();

it('puts a warning into a header whatever it says, each once', () => {
  const { Warning = [] } = warningHeader(['ünïcode "x" \\', 'ünïcode "x" \\', 'two\nlines']);
  expect(Warning.map((value) => Buffer.from(value, 'latin1').toString())).toEqual([
    String.raw`299 - "ünïcode \"x\" \\"`,
  ]);
});

it('survives fields that cannot stand in a header', async () => {
  const body = '{"metadata":{"name":"odd"},"ünïcode✓":1,"a\\u0000b":2}';
  const { status, headers } = await server().call('/api/v1/namespaces/default/configmaps', {
    method: 'POST',
    body,
  });
  expect(status).toBe(201);
  expect(Buffer.from(headers['warning'] ?? '', 'latin1').toString()).toContain(
    '299 - "unknown field \\"ünïcode✓\\""',
  );
});

it('takes a body that is nested beyond all measure for what it is', async () => {
  const depth = 100_000;
  const { body } = await server().call('/api/v1/namespaces/default/configmaps', {
    method: 'POST',
    body: `{"metadata":{"name":"deep"},"data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
  });
  expect(body).toMatchObject({ kind: 'Status', code: 400, reason: 'BadRequest' });
  expect(toApiError(new Error('x')).code).toBe(500);
});

it('takes headers as long as Go does', async () => {
  const headers = { cookie: 'x'.repeat(100_000) };
  expect((await server().call('/version', { headers })).status).toBe(200);
});
