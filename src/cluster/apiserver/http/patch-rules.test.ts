import { beforeAll, describe, expect, it } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';

const server = useApiServer();
const path = '/apis/apps/v1/namespaces/default/deployments/web';
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

const patch = (query: string, contentType: string, body: unknown) =>
  server().call(`${path}${query}`, { method: 'PATCH', contentType, body });

beforeAll(() => {
  server().api.create('deployments', {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: {
        metadata: { labels: { a: 'b' } },
        spec: { containers: [{ name: 'c', image: 'x' }] },
      },
    },
  });
});

describe('applying', () => {
  const identity = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };

  it('to the scale owns the replicas through it', async () => {
    const scale = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'web' },
      spec: { replicas: 4 },
    };
    const { status, body } = await patch('/scale?fieldManager=me&force=true', APPLY, scale);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { kind: 'Scale', spec: { replicas: 4 } },
    });
    const { body: live } = await server().call(path);
    expect(live.metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: 'me', operation: 'Apply', subresource: 'scale' }),
    );
    const other = await patch('/scale?fieldManager=you', APPLY, {
      ...scale,
      spec: { replicas: 5 },
    });
    expect(other.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "me" with subresource "scale": .spec.replicas',
    );
  });

  it('with an old resourceVersion is a conflict that force does not take', async () => {
    const metadata = { name: 'web', resourceVersion: '1' };
    const { status, body } = await patch('?fieldManager=me&force=true', APPLY, {
      ...identity,
      metadata,
    });
    expect(status).toBe(409);
    expect(body.message).toContain('the object has been modified');
  });

  it('needs a manager, of bearable length', async () => {
    expect((await patch('', APPLY, identity)).body.message).toContain(
      'fieldManager: Required value: is required for apply patch',
    );
    const long = await patch(`?fieldManager=${'m'.repeat(129)}`, APPLY, identity);
    expect(long.body.message).toContain('Too long: may not be more than 128 bytes');
  });

  it('is what force is for', async () => {
    const { status, body } = await patch('?force=true', MERGE, {});
    expect(status).toBe(422);
    expect(body.message).toContain('force: Forbidden: may not be specified for non-apply patch');
  });
});

describe('no patch', () => {
  it.each([MERGE, APPLY])('renames: %s', async (type) => {
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'other' } };
    const answer = await patch('?fieldManager=me', type, body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toBe(
      'the name of the object (other) does not match the name on the URL (web)',
    );
  });

  it('has more than ten thousand operations', async () => {
    const test = { op: 'test', path: '/kind', value: 'Deployment' };
    const operations = Array.from({ length: 10_001 }, () => test);
    const { status, body } = await patch('', 'application/json-patch+json', operations);
    expect(status).toBe(413);
    expect(body.message).toContain('maximum operations in a JSON patch is 10000, got 10001');
  });
});

it('forgets who owns what when the list of managers is emptied', async () => {
  const { body } = await patch('', MERGE, { metadata: { managedFields: [{}] } });
  expect(body.metadata.managedFields).toBeUndefined();
});
