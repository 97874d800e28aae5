import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { DoctorReport, Finding } from '../../engine/index.ts';
import { renderDoctor, renderRepairs } from './doctor.ts';
import { writeAsCommand } from './write-as-command.ts';

const stream = new PassThrough();

const selectorRemoved: Finding = {
  name: 'selector-removed',
  severity: 'error',
  namespace: 'shop',
  object: 'service/my-svc',
  message: 'its selector is gone: its EndpointSlices stand still',
  details: ['my-svc-l7jjv lists 10.244.0.2 as ready, but pod/my-api-q8l6p is gone'],
  cost: [{ port: '80 (http)', addresses: 3, failing: 1, astray: 0, unready: 1 }],
  repair: {
    description: 'put the selector app=my-api back',
    writes: [
      {
        verb: 'patch',
        reference: { resource: 'services', namespace: 'shop', name: 'my-svc' },
        type: 'merge',
        patch: {
          metadata: { uid: 'u', resourceVersion: '7' },
          spec: { selector: { app: "my-'api'" } },
        },
      },
    ],
  },
};

const kubectlMissing: Finding = {
  name: 'kubectl-missing',
  severity: 'note',
  object: 'machine',
  message: 'there is no kubectl on the PATH',
  hint: 'https://kubernetes.io/docs/tasks/tools/',
};

function report(
  findings: readonly Finding[],
  more: Partial<DoctorReport['status']> = {},
): DoctorReport {
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'DoctorReport',
    metadata: { namespace: 'shop' },
    status: {
      environment: {
        nodeVersion: 'v24.0.0',
        context: 'prod',
        server: 'https://10.0.0.1',
        serverVersion: 'v1.33.1',
        user: 'jane',
        clockSkewMs: 0,
      },
      looked: { namespaces: 1, services: 1, pods: 3, out: 1 },
      findings,
      ...more,
    },
  };
}

describe('the doctor’s report', () => {
  it('says what is wrong, what it costs now, and what would be done', () => {
    expect(renderDoctor(report([selectorRemoved, kubectlMissing]), { stream, wide: true }))
      .toMatchInlineSnapshot(`
      "Looked at 1 Service and 3 Pods (1 out by a session) in namespace shop.
      Context prod (Kubernetes v1.33.1, clocks agree), user jane.

      error selector-removed: service/my-svc -n shop
        its selector is gone: its EndpointSlices stand still
        - my-svc-l7jjv lists 10.244.0.2 as ready, but pod/my-api-q8l6p is gone
        Now: 20 of 60 requests to port 80 (http) would fail
        Now: 20 of 60 requests to port 80 (http) would reach a Pod that is not Ready
        --fix: put the selector app=my-api back
        $ kubectl patch services my-svc -n shop --type=merge -p '{"spec":{"selector":{"app":"my-'\\''api'\\''"}}}'

      note kubectl-missing: machine
        there is no kubectl on the PATH
        Hint: https://kubernetes.io/docs/tasks/tools/

      1 thing is wrong; kubectl pitstop doctor --fix -n shop repairs it.
      "
    `);
  });

  it('says what came of the repairs, and that nothing is left', () => {
    const finding = {
      name: 'selector-removed',
      namespace: 'shop',
      object: 'service/my-svc',
    } as const;
    const description = 'put the selector app=my-api back';
    const repairs = [
      { finding, description, outcome: 'repaired' },
      { finding, description, outcome: 'failed', error: 'the Service changed', hint: 'again' },
    ] as const;
    expect(renderDoctor(report([], { repairs }), { stream, wide: false })).toMatchInlineSnapshot(`
      "Looked at 1 Service and 3 Pods (1 out by a session) in namespace shop.
      Context prod (Kubernetes v1.33.1, clocks agree), user jane.

      ✓ selector-removed: service/my-svc: repaired, and seen to be gone
      ✗ selector-removed: service/my-svc: failed: the Service changed
          Hint: again

      Nothing is wrong.
      "
    `);
  });

  it('tells an empty namespace from one that may not be looked into', () => {
    const looked = { namespaces: 1, services: 0, pods: 0, out: 0 };
    expect(renderDoctor(report([], { looked }), { stream, wide: false })).toMatch(
      /^There is no Service and no Pod in namespace shop\.\n/,
    );
    const blind = { ...looked, namespaces: 0 };
    expect(renderDoctor(report([], { looked: blind }), { stream, wide: false })).toMatch(
      /^Could not look into namespace shop\.\n/,
    );
  });
});

it('shows every write before it asks', () => {
  expect(renderRepairs([selectorRemoved], stream)).toMatchInlineSnapshot(`
    "--fix will do 1 thing:
      - service/my-svc -n shop: put the selector app=my-api back
        $ kubectl patch services my-svc -n shop --type=merge -p '{"spec":{"selector":{"app":"my-'\\''api'\\''"}}}'
    "
  `);
});

it('shows a write as the command that does the same', () => {
  expect(
    writeAsCommand({
      verb: 'patch',
      reference: { resource: 'pods', namespace: 'shop', name: 'web' },
      subresource: 'status',
      type: 'json',
      patch: [
        { op: 'test', path: '/metadata/uid', value: 'u' },
        { op: 'replace', path: '/status/conditions/0/status', value: 'True' },
      ],
    }),
  ).toBe(
    `kubectl patch pods web -n shop --subresource=status --type=json -p '[{"op":"replace","path":"/status/conditions/0/status","value":"True"}]'`,
  );
  const reference = { resource: 'endpointslices', namespace: 'shop', name: 'by-hand' } as const;
  expect(writeAsCommand({ verb: 'delete', reference, uid: 'u', resourceVersion: '7' })).toBe(
    'kubectl delete endpointslices by-hand -n shop',
  );
});
