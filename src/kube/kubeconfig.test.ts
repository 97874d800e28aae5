import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { loadConnection } from './kubeconfig.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  vi.stubEnv('KUBECONFIG', '');
  vi.stubEnv('HOME', folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
});

interface Content {
  readonly current?: string;
  readonly server?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly user?: object;
  readonly cluster?: object;
}

function file(name: string, content: Content): string {
  const { name: each = name, server = `https://${each}.example.com:6443` } = content;
  const path = join(folder, name);
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': content.current ?? each,
      clusters: [{ name: each, cluster: { server, ...content.cluster } }],
      users: [{ name: `${each}-user`, user: content.user ?? { token: `${each}-token` } }],
      contexts: [
        {
          name: each,
          context: { cluster: each, user: `${each}-user`, namespace: content.namespace },
        },
      ],
    }),
  );
  return path;
}

test('reads --kubeconfig, then KUBECONFIG, then ~/.kube/config', () => {
  const given = file('given', {});
  const fromEnvironment = file('environment', {});
  mkdirSync(join(folder, '.kube'));
  file('.kube/config', { name: 'home' });
  expect(loadConnection({}).context).toBe('home');
  vi.stubEnv('KUBECONFIG', fromEnvironment);
  expect(loadConnection({}).context).toBe('environment');
  expect(loadConnection({ kubeconfig: given }).context).toBe('given');
});

test('merges the files of KUBECONFIG: the first to name a thing wins, missing ones are no matter', async () => {
  const one = file('one', { namespace: 'shop' });
  const two = file('two', { name: 'one', server: 'https://other' });
  const three = file('three', {});
  vi.stubEnv('KUBECONFIG', ['/no/such/file', one, two, three].join(delimiter));
  const first = loadConnection({});
  expect(first).toMatchObject({
    server: 'https://one.example.com:6443',
    context: 'one',
    namespace: 'shop',
    user: 'one-user',
  });
  expect((await first.credentials()).headers).toEqual({ Authorization: 'Bearer one-token' });
  expect(loadConnection({ context: 'three' })).toMatchObject({
    server: 'https://three.example.com:6443',
    namespace: 'default',
  });
});

test('flags go before the file', async () => {
  const kubeconfig = file('base', { namespace: 'shop' });
  const connection = loadConnection({
    kubeconfig,
    namespace: 'other',
    server: 'https://elsewhere:1234/prefix/',
    token: 'mine',
    as: 'jane',
    asGroup: ['ops', 'dev'],
  });
  expect(connection).toMatchObject({ namespace: 'other', server: 'https://elsewhere:1234/prefix' });
  expect((await connection.credentials()).headers).toEqual({
    Authorization: 'Bearer mine',
    'Impersonate-User': 'jane',
    'Impersonate-Group': ['ops', 'dev'],
  });
});

test('reads impersonation, basic passwords and TLS of the file', async () => {
  writeFileSync(join(folder, 'ca.pem'), 'CA');
  const kubeconfig = file('base', {
    cluster: { 'certificate-authority': 'ca.pem', 'tls-server-name': 'api' },
    user: { username: 'u', password: 'p', as: 'jane', 'as-groups': ['ops'], 'as-uid': '7' },
  });
  const { headers, tls } = await loadConnection({ kubeconfig }).credentials();
  expect(headers).toEqual({
    Authorization: `Basic ${Buffer.from('u:p').toString('base64')}`,
    'Impersonate-User': 'jane',
    'Impersonate-Group': ['ops'],
    'Impersonate-Uid': '7',
  });
  expect(String(tls.ca)).toBe('CA');
  expect(tls.servername).toBe('api');
  const lax = await loadConnection({ kubeconfig, insecureSkipTlsVerify: true }).credentials();
  expect(lax.tls).toMatchObject({ rejectUnauthorized: false, ca: undefined });
});

test('reads a token file again for each request', async () => {
  writeFileSync(join(folder, 'token'), 'first\n');
  const connection = loadConnection({ kubeconfig: file('base', { user: { tokenFile: 'token' } }) });
  expect((await connection.credentials()).headers).toEqual({ Authorization: 'Bearer first' });
});

test('runs a credential plugin beside the kubeconfig, and again only for fresh credentials', async () => {
  const plugin = join(folder, 'plugin');
  writeFileSync(
    plugin,
    `#!/bin/sh
echo run >>"${folder}/runs"
case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ;; *) exit 1 ;; esac
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$1-$(wc -l <"${folder}/runs" | tr -d ' ')"
`,
  );
  chmodSync(plugin, 0o755);
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', args: ['t'] };
  const connection = loadConnection({ kubeconfig: file('base', { user: { exec } }) });
  expect((await connection.credentials()).headers).toEqual({ Authorization: 'Bearer t-1' });
  expect((await connection.credentials({ fresh: true })).headers).toEqual({
    Authorization: 'Bearer t-2',
  });
});

test('names the credential plugin that failed', async () => {
  const exec = { command: 'no-such-plugin', apiVersion: 'client.authentication.k8s.io/v1' };
  const connection = loadConnection({ kubeconfig: file('base', { user: { exec } }) });
  await expect(connection.credentials()).rejects.toMatchObject({
    code: 'kubeconfig',
    message: expect.stringContaining(
      'the credential plugin "no-such-plugin" of user "base-user" failed',
    ),
  });
});

test('takes an http server as it is', async () => {
  const connection = loadConnection({
    kubeconfig: file('base', { server: 'http://127.0.0.1:8001' }),
  });
  expect(connection.server).toBe('http://127.0.0.1:8001');
  expect((await connection.credentials()).proxyAgent).toBeUndefined();
});

test('goes through the proxy of the cluster', async () => {
  const kubeconfig = file('base', { cluster: { 'proxy-url': 'http://proxy:3128' } });
  expect((await loadConnection({ kubeconfig }).credentials()).proxyAgent).toBeDefined();
});

test.each([
  ['a file that is not there', () => ({ kubeconfig: '/no/such' }), 'no such file'],
  ['no configuration at all', () => ({}), 'no cluster to talk to'],
  [
    'an unknown context',
    () => ({ kubeconfig: file('a', {}), context: 'b' }),
    'context "b" does not exist',
  ],
  [
    'an unknown cluster',
    () => ({ kubeconfig: file('a', {}), cluster: 'b' }),
    'cluster "b" does not exist',
  ],
  ['an unknown user', () => ({ kubeconfig: file('a', {}), user: 'b' }), 'user "b" does not exist'],
  [
    'a dangling current context',
    () => ({ kubeconfig: file('a', { current: 'gone' }) }),
    'the current context "gone"',
  ],
])('explains %s', (_, options, message) => {
  const load = () => loadConnection(options());
  expect(load).toThrow(expect.objectContaining({ code: 'kubeconfig' }));
  expect(load).toThrow(message);
});

test('explains a file that is no YAML', () => {
  const kubeconfig = join(folder, 'broken');
  writeFileSync(kubeconfig, 'clusters: [');
  expect(() => loadConnection({ kubeconfig })).toThrow(`error loading config file "${kubeconfig}"`);
});

test.each(['', '# nothing\n'])('a file with nothing in it (%j) names no cluster', (text) => {
  const kubeconfig = join(folder, 'empty');
  writeFileSync(kubeconfig, text);
  expect(() => loadConnection({ kubeconfig })).toThrow(
    `no cluster to talk to: ${kubeconfig} names no current context`,
  );
});
