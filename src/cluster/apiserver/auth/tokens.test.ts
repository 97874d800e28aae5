import { createPublicKey, verify } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';

let clock = Date.parse('2026-11-23T12:00:00Z');
const server = useApiServer({ now: () => new Date(clock) });

const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const TOKEN = '/api/v1/namespaces/default/serviceaccounts/web/token';

const claimsOf = (token: string): any =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

async function requestToken(spec: object = {}): Promise<any> {
  const { status, body } = await server().call(TOKEN, { method: 'POST', body: { spec } });
  expect(status).toBe(201);
  return body;
}

async function review(token: string, audiences?: readonly string[]): Promise<any> {
  const { body } = await server().call('/apis/authentication.k8s.io/v1/tokenreviews', {
    method: 'POST',
    body: { spec: { token, ...(audiences && { audiences }) } },
  });
  return body.status;
}

function createAccount(name: string): void {
  server().api.create('serviceaccounts', { metadata: { name, namespace: 'default' } });
}

function createPod(name: string, serviceAccountName: string): any {
  return server().api.create('pods', {
    metadata: { name, namespace: 'default' },
    spec: { serviceAccountName, containers: [{ name: 'c', image: 'x' }] },
  });
}

beforeAll(() => createAccount('web'));

describe('a token of a service account', () => {
  it('says whose it is, for whom and how long', async () => {
    const { kind, metadata, spec, status } = await requestToken({ expirationSeconds: 700 });
    const now = clock / 1000;
    expect([kind, metadata.name, metadata.namespace]).toEqual(['TokenRequest', 'web', 'default']);
    expect(spec).toEqual({ audiences: [ISSUER], expirationSeconds: 700 });
    expect(status.expirationTimestamp).toBe('2026-11-23T12:11:40Z');
    const { uid } = server().api.get('serviceaccounts', {
      namespace: 'default',
      name: 'web',
    })!.metadata!;
    expect(claimsOf(status.token)).toEqual({
      aud: [ISSUER],
      exp: now + 700,
      iat: now,
      iss: ISSUER,
      jti: expect.any(String),
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'web', uid } },
      nbf: now,
      sub: 'system:serviceaccount:default:web',
    });
  });

  it('lets its bearer in as that account', async () => {
    const { status } = await requestToken();
    const { body } = await server().call('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      method: 'POST',
      body: {},
      headers: { authorization: `Bearer ${status.token}` },
    });
    expect(body.status.userInfo).toMatchObject({
      username: 'system:serviceaccount:default:web',
      uid: expect.any(String),
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${claimsOf(status.token).jti}`],
      },
    });
  });

  it('for others is not for the API server', async () => {
    const { token } = (await requestToken({ audiences: ['vault'] })).status;
    const { status } = await server().call('/version', {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(status).toBe(401);
    expect(await review(token)).toEqual({
      user: {},
      error: `token audiences ["vault"] is invalid for the target audiences ["${ISSUER}"]`,
    });
    expect(await review(token, ['vault', 'consul'])).toMatchObject({
      authenticated: true,
      audiences: ['vault'],
      user: { username: 'system:serviceaccount:default:web' },
    });
  });

  it('ends', async () => {
    const { token } = (await requestToken({ expirationSeconds: 600 })).status;
    expect((await review(token)).authenticated).toBe(true);
    clock += 700_000;
    expect(await review(token)).toEqual({ user: {}, error: 'service account token has expired' });
  });

  it('ends with its account, even when another one of the name comes', async () => {
    createAccount('brief');
    const path = TOKEN.replace('web', 'brief');
    const { body } = await server().call(path, { method: 'POST', body: {} });
    server().api.delete('serviceaccounts', { namespace: 'default', name: 'brief' });
    expect((await review(body.status.token)).error).toBe('serviceaccounts "brief" not found');
    createAccount('brief');
    expect((await review(body.status.token)).error).toMatch(/does not match claim/);
  });

  it('that was changed is worth nothing', async () => {
    const { token } = (await requestToken()).status;
    const [header, claims, signature] = token.split('.');
    const other = Buffer.from(
      JSON.stringify({ ...claimsOf(token), sub: 'system:serviceaccount:kube-system:admin' }),
    ).toString('base64url');
    expect(await review(`${header}.${other}.${signature}`)).toEqual({ user: {} });
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await review(`${none}.${claims}.`)).toEqual({ user: {} });
  });
});

describe('a token bound to a Pod', () => {
  it('names the Pod and ends with it', async () => {
    const pod = createPod('bound', 'web');
    const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'bound', uid: pod.metadata.uid };
    const { token } = (await requestToken({ boundObjectRef })).status;
    expect((await review(token)).user.extra).toMatchObject({
      'authentication.kubernetes.io/pod-name': ['bound'],
      'authentication.kubernetes.io/pod-uid': [pod.metadata.uid],
    });
    server().api.delete('pods', { namespace: 'default', name: 'bound' }, { gracePeriodSeconds: 0 });
    expect(await review(token)).toEqual({
      user: {},
      error: 'service account token has been invalidated',
    });
  });

  it('as every Pod has it outlives its own hour', () => {
    const { uid } = createPod('mounted', 'web').metadata;
    const { token, expiresAt } = server().server.issueToken({
      namespace: 'default',
      serviceAccount: 'web',
      pod: { name: 'mounted', uid },
      seconds: 3607,
    });
    const now = clock / 1000;
    expect(expiresAt).toBe(`${new Date(clock + 3_607_000).toISOString().slice(0, 19)}Z`);
    expect(claimsOf(token)).toMatchObject({
      exp: now + 365 * 24 * 3600,
      'kubernetes.io': { pod: { name: 'mounted', uid }, warnafter: now + 3607 },
    });
  });
});

describe('a request for a token', () => {
  it.each([
    [
      { expirationSeconds: 10 },
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
    ],
    [
      { expirationSeconds: 2 ** 33 },
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 8589934592: may not specify a duration larger than 2^32 seconds',
    ],
    [
      { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'nobody' } },
      'pods "nobody" not found',
    ],
    [
      { boundObjectRef: { kind: 'Deployment', apiVersion: 'apps/v1', name: 'x' } },
      'cannot bind token to object of type apps/v1, Kind=Deployment',
    ],
  ])('%j is refused', async (spec, message) => {
    const { body } = await server().call(TOKEN, { method: 'POST', body: { spec } });
    expect(body.message).toBe(message);
  });

  it('for an account that is not there is refused', async () => {
    const { status, body } = await server().call(TOKEN.replace('web', 'nobody'), {
      method: 'POST',
      body: {},
    });
    expect([status, body.message]).toEqual([404, 'serviceaccounts "nobody" not found']);
  });
});

it('others verify our tokens by what OpenID discovery tells them', async () => {
  const { body: configuration } = await server().call('/.well-known/openid-configuration');
  expect(configuration).toEqual({
    issuer: ISSUER,
    jwks_uri: 'https://10.244.0.1:6443/openid/v1/jwks',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  });
  const keys = await server().call(new URL(configuration.jwks_uri).pathname);
  expect(keys.headers['content-type']).toBe('application/jwk-set+json');
  const [key] = JSON.parse(keys.text).keys;
  const { token } = (await requestToken()).status;
  const [header = '', claims, signature] = token.split('.');
  expect(JSON.parse(Buffer.from(header, 'base64url').toString()).kid).toBe(key.kid);
  const publicKey = { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  expect(
    verify(
      'sha256',
      Buffer.from(`${header}.${claims}`),
      publicKey as never,
      Buffer.from(signature, 'base64url'),
    ),
  ).toBe(true);
});
