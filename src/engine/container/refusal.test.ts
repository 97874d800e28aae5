import { expect, test } from 'vitest';
import { KubeError } from '../../kube/index.ts';
import { whoRefused } from './refusal.ts';

const byOf = (message: string) => whoRefused(new KubeError('forbidden', message), 'shop').by;

test('says who refused an ephemeral container, as the API server words it', () => {
  expect(
    byOf(
      'pods "web-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "pitstop-1" must set securityContext.runAsNonRoot=true)',
    ),
  ).toBe(' by Pod Security, level restricted, of namespace shop');
  expect(
    byOf(
      'admission webhook "validate.kyverno.svc-fail" denied the request: no ephemeral containers',
    ),
  ).toBe(' by admission webhook validate.kyverno.svc-fail');
  expect(
    byOf(
      `pods "web-1" is forbidden: ValidatingAdmissionPolicy 'no-debug' with binding 'no-debug' denied request: no`,
    ),
  ).toBe(' by ValidatingAdmissionPolicy no-debug');
  const rbac = whoRefused(
    new KubeError('forbidden', 'User "jo" cannot patch resource "pods/ephemeralcontainers"'),
    'shop',
  );
  expect(rbac.hint).toBe('kubectl auth can-i patch pods/ephemeralcontainers -n shop');
});
