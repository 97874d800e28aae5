import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { describe, expect, it } from 'vitest';
import { type TestServer, useApiServer } from '../../../../test/support/api-server.ts';

const users = { joe: { username: 'joe', groups: ['system:authenticated'] } };
const newest = useApiServer({ users });
const before = useApiServer({ users, kubernetesVersion: '1.34.2' });

/** Opens exec on a Pod that is not there as joe: 403 until everything is allowed, 404 then. */
async function exec(
  server: TestServer,
  protocol: 'WebSocket' | 'SPDY',
  token = 'joe',
): Promise<string> {
  const isWebSocket = protocol === 'WebSocket';
  const sent = request({
    host: '127.0.0.1',
    port: server.port,
    path: '/api/v1/namespaces/default/pods/web/exec?command=true&stdout=true',
    method: isWebSocket ? 'GET' : 'POST',
    ca: server.ca,
    agent: false,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      connection: 'Upgrade',
      ...(isWebSocket
        ? {
            upgrade: 'websocket',
            'sec-websocket-version': '13',
            'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
            'sec-websocket-protocol': 'v5.channel.k8s.io',
          }
        : { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' }),
    },
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()).message;
}

function allow({ api }: TestServer, ...verbs: readonly string[]): void {
  const metadata = { name: 'exec', namespace: 'default' };
  const rules = [{ apiGroups: [''], resources: ['pods/exec'], verbs }];
  if (api.get('roles', metadata)) {
    api.update('roles', { metadata, rules });
    return;
  }
  api.create('roles', { metadata, rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'exec' };
  api.create('rolebindings', { metadata, roleRef, subjects: [{ kind: 'User', name: 'joe' }] });
}

const missing = (verb: string) =>
  `pods "web" is forbidden: User "joe" cannot ${verb} resource "pods/exec" in API group "" in the namespace "default"`;
const ALLOWED = 'pods "web" not found';

describe('exec', () => {
  it('over a WebSocket takes get and create', async () => {
    expect(await exec(newest(), 'WebSocket')).toBe(missing('get'));
    allow(newest(), 'get');
    expect(await exec(newest(), 'WebSocket')).toBe(missing('create'));
    allow(newest(), 'create');
    expect(await exec(newest(), 'WebSocket')).toBe(missing('get'));
    expect(await exec(newest(), 'SPDY')).toBe(ALLOWED);
    allow(newest(), 'get', 'create');
    expect(await exec(newest(), 'WebSocket')).toBe(ALLOWED);
  });

  it('is refused to strangers', async () => {
    for (const token of ['', 'stranger']) {
      expect(await exec(newest(), 'WebSocket', token)).toBe('Unauthorized');
      expect(await exec(newest(), 'SPDY', token)).toBe('Unauthorized');
    }
  });

  it('took get alone before Kubernetes 1.35', async () => {
    allow(before(), 'get');
    expect(await exec(before(), 'WebSocket')).toBe(ALLOWED);
    expect(await exec(before(), 'SPDY')).toBe(missing('create'));
  });
});
