import { expect, test } from 'vitest';

import { useApiServer } from '../../../../test/support/api-server.ts';
import { inVersion } from './versions.ts';

const server = useApiServer();
const path = (version: string) =>
  `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers/web`;

function apply(version: string, manager: string, spec: object) {
  return server().call(`${path(version)}?fieldManager=${manager}`, {
    method: 'PATCH',
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: `autoscaling/${version}`,
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec,
    },
  });
}

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

test('what one manager applied through one version is a conflict through the other', async () => {
  const averageUtilization = 50;
  const metrics = [
    {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
    },
  ];
  const first = await apply('v2', 'one', { scaleTargetRef, maxReplicas: 3, metrics });
  expect(first.status).toBe(201);
  const second = await apply('v1', 'two', {
    scaleTargetRef,
    maxReplicas: 3,
    targetCPUUtilizationPercentage: 80,
  });
  expect(second.status).toBe(409);
  expect(second.body.details.causes).toEqual([
    expect.objectContaining({
      field: '.spec.metrics',
      message: 'conflict with "one"',
    }),
  ]);
  // What nobody changes stays with whoever applied it, in the names of his version.
  const third = await apply('v1', 'two', { scaleTargetRef, maxReplicas: 3 });
  expect(third.status).toBe(200);
  const owned = Object.fromEntries(
    third.body.metadata.managedFields.map((entry: any) => [
      `${entry.manager} ${entry.apiVersion}`,
      Object.keys(entry.fieldsV1['f:spec']),
    ]),
  );
  expect(owned).toEqual({
    'one autoscaling/v2': ['f:maxReplicas', 'f:metrics', 'f:scaleTargetRef'],
    'two autoscaling/v1': ['f:maxReplicas', 'f:scaleTargetRef'],
  });
});

test('an update through another version is noted in that version', async () => {
  const { body } = await server().call(
    '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers?fieldManager=me',
    {
      method: 'POST',
      body: {
        metadata: { name: 'other' },
        spec: { scaleTargetRef, maxReplicas: 2, targetCPUUtilizationPercentage: 70 },
      },
    },
  );
  const [{ apiVersion, fieldsV1 }] = body.metadata.managedFields;
  expect({ apiVersion, spec: Object.keys(fieldsV1['f:spec']) }).toEqual({
    apiVersion: 'autoscaling/v1',
    spec: [
      'f:maxReplicas',
      'f:minReplicas',
      'f:scaleTargetRef',
      'f:targetCPUUtilizationPercentage',
    ],
  });
});

test('names move with all that is below them, there and back', () => {
  const set = { 'f:note': {}, 'f:regarding': { '.': {}, 'f:name': {} }, 'f:type': {} };
  const stored = inVersion(set, 'events.k8s.io/v1', 'v1');
  expect(stored).toEqual({
    'f:message': {},
    'f:involvedObject': { '.': {}, 'f:name': {} },
    'f:type': {},
  });
  expect(inVersion(stored, 'v1', 'events.k8s.io/v1')).toEqual(set);
  expect(inVersion(set, 'v1', 'v1')).toBe(set);
});
