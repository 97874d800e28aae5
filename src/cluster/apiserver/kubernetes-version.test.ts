import { describe, expect, it } from 'vitest';
import { useApiServer } from '../../../test/support/api-server.ts';
import { kubernetesVersion } from './kubernetes-version.ts';

const server = useApiServer({ kubernetesVersion: '1.31' });

describe('an older Kubernetes', () => {
  it('says so', async () => {
    const { body } = await server().call('/version');
    expect(body).toMatchObject({ major: '1', minor: '31', gitVersion: 'v1.31.0+pitstop' });
  });

  it('does not warn of Endpoints', async () => {
    const { headers } = await server().call('/api/v1/namespaces/default/endpoints');
    expect(headers['warning']).toBeUndefined();
  });

  it('refuses streaming lists, for which clients fall back to a list and a watch', async () => {
    const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    const { status, body } = await server().call(`/api/v1/namespaces?${query}`);
    expect(status).toBe(422);
    expect(body.message).toContain(
      'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
    );
  });
});

it('names the versions that there are', () => {
  expect(kubernetesVersion().text).toBe('1.36.2');
  expect(kubernetesVersion('1.36').text).toBe('1.36.2');
  expect(kubernetesVersion('1.33.4').text).toBe('1.33.4');
  expect(kubernetesVersion('1.33').labelsEndpoints).toBe(true);
  expect(kubernetesVersion('1.32').labelsEndpoints).toBe(false);
  expect(() => kubernetesVersion('1.12')).toThrow('from 1.27 to 1.36');
});
