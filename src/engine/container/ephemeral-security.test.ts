import type { Pod, SecurityContext } from 'kubernetes-types/core/v1.js';
import { expect, test } from 'vitest';
import { asUser, describeUser, securityOf, tracer, userOf } from './ephemeral-security.ts';

const podWith = (own: SecurityContext, shared = {}, user?: object): Pod => ({
  spec: { securityContext: shared, containers: [{ name: 'app', securityContext: own }] },
  status: {
    containerStatuses: [
      {
        name: 'app',
        image: '',
        imageID: '',
        ready: true,
        restartCount: 0,
        ...(user && { user: { linux: user } }),
      },
    ],
  },
});

test('the user is as the status tells, then the container, then the Pod', () => {
  expect(userOf(podWith({ runAsUser: 1 }, {}, { uid: 7, gid: 8 }), 'app')).toEqual({
    uid: 7,
    gid: 8,
  });
  expect(userOf(podWith({ runAsUser: 1 }, { runAsUser: 2, runAsGroup: 3 }), 'app')).toEqual({
    uid: 1,
    gid: 3,
  });
  expect(userOf(podWith({}, { runAsUser: 2 }), 'app')).toEqual({ uid: 2, gid: 0 });
  expect(userOf(podWith({}), 'app')).toBeUndefined();
});

test('to work as a user that is not root, nothing is asked for that level restricted refuses', () => {
  expect(securityOf({ for: 'work', user: { uid: 1000, gid: 1000 } })).toEqual({
    runAsUser: 1000,
    runAsGroup: 1000,
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  });
});

test('to work as root takes the capabilities that the container has, and no others', () => {
  const root = { uid: 0, gid: 0 };
  const purposeOf = (own: SecurityContext) =>
    securityOf({ for: 'work', user: asUser(root, own) }).capabilities;
  expect(purposeOf({})).toBeUndefined();
  expect(purposeOf({ capabilities: { drop: ['ALL'] } })).toEqual({ drop: ['ALL'] });
  expect(purposeOf({ capabilities: { add: ['NET_ADMIN'] } })).toEqual({ add: ['NET_ADMIN'] });
  expect(securityOf({ for: 'work', user: asUser(root, { privileged: true }) })).toEqual({
    runAsUser: 0,
    runAsGroup: 0,
    runAsNonRoot: false,
    privileged: true,
  });
  // Capabilities are root's: whoever is not has none to be matched.
  expect(asUser({ uid: 5, gid: 5 }, { privileged: true })).toEqual({ uid: 5, gid: 5 });
});

test('to trace takes root with SYS_PTRACE, and it is said', () => {
  expect(securityOf({ for: 'work', user: tracer })).toMatchObject({
    runAsUser: 0,
    capabilities: { add: ['SYS_PTRACE'] },
    allowPrivilegeEscalation: false,
  });
  expect(describeUser(tracer)).toBe("root, the runtime's capabilities and SYS_PTRACE");
  expect(describeUser({ uid: 7, gid: 8 })).toBe('uid 7, gid 8, no capability');
});
