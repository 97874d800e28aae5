import { describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import { namesOf, sampleEnvironment, sampleWorld } from './sample-world.ts';
import type { Environment } from './world.ts';

it('finds nothing where nothing is wrong', () => {
  expect(diagnose(sampleWorld())).toEqual([]);
});

const inEnvironment = (parts: Partial<Environment>) =>
  diagnose(sampleWorld({}, { environment: { ...sampleEnvironment, ...parts } }));

describe('the environment', () => {
  it.each([
    ['node-version', { nodeVersion: 'v22.4.0' }],
    ['kubectl-missing', { kubectl: undefined, plugin: undefined }],
    ['plugin-missing', { plugin: undefined }],
    ['server-version', { serverVersion: { major: 1, minor: 26, gitVersion: 'v1.26.3' } }],
    ['server-version', { serverVersion: { major: NaN, minor: NaN, gitVersion: '' } }],
    ['clock-skew', { clockSkewMs: -3_600_000 }],
    ['api-missing', { apis: { ...sampleEnvironment.apis, 'events.k8s.io/v1': undefined } }],
  ])('tells %s', (name, change) => {
    expect(namesOf(inEnvironment(change))).toEqual([name]);
  });

  it('tells what permissions keep from working', () => {
    const rules = [
      { group: '', resource: 'pods/exec', verb: 'get' },
      { group: '', resource: 'pods/exec', verb: 'create' },
    ];
    const lacking = [{ task: 'diagnostics', isNeeded: true, rules }];
    expect(
      inEnvironment({ rights: { user: 'jane', namespace: 'shop', lacking, pities: [] } }),
    ).toMatchObject([
      {
        name: 'rbac',
        severity: 'warning',
        object: 'user/jane',
        message: 'may not get, create pods/exec in namespace shop: diagnostics would refuse',
      },
    ]);
  });

  it('tells what it could not look at', () => {
    const notListed = [{ resource: 'replicasets' as const, message: 'forbidden' }];
    expect(diagnose(sampleWorld({}, { notListed }))).toMatchObject([
      { name: 'not-looked-at', severity: 'note' },
    ]);
  });
});
