import type { PodSecurityContext, SecurityContext } from 'kubernetes-types/core/v1.js';
import { expect, test } from 'vitest';
import { securityOf } from './security.ts';

function of(own: SecurityContext, shared: PodSecurityContext = {}, user?: string) {
  const container = { name: 'box', securityContext: own };
  const metadata = { name: 'web', namespace: 'shop', uid: 'U' };
  const pod = { metadata, spec: { containers: [container], securityContext: shared } };
  return securityOf(container, {
    pod,
    image: { command: [], ...(user !== undefined && { user }) },
  });
}

test('the container’s own word comes before the Pod’s, and that before the image’s', () => {
  expect(of({ runAsUser: 1 }, { runAsUser: 2, runAsGroup: 3 }, '4:5')).toMatchObject({
    uid: 1,
    gid: 3,
  });
  expect(of({}, {}, '4:5')).toMatchObject({ uid: 4, gid: 5 });
  expect(of({}, { supplementalGroups: [7, 8], fsGroup: 8 }).groups).toEqual([7, 8]);
});

test('runAsNonRoot refuses root in the kubelet’s words', () => {
  const where = '(pod: "web_shop(U)", container: box)';
  expect(() => of({ runAsNonRoot: true })).toThrow(
    `container has runAsNonRoot and image will run as root ${where}`,
  );
  expect(() => of({ runAsUser: 0 }, { runAsNonRoot: true })).toThrow(
    `container's runAsUser breaks non-root policy ${where}`,
  );
  expect(of({ runAsNonRoot: true }, {}, '1000').uid).toBe(1000);
  expect(of({ runAsNonRoot: false }, { runAsNonRoot: true }).uid).toBeUndefined();
});
