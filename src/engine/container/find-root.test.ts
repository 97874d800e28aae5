import { expect, test } from 'vitest';
import { chooseRoot } from './find-root.ts';

// PID UID GID NAMED OPEN SPACE NAME, as the script prints them.
const app = '1 1000 1000 no yes mnt:[21] java';

test('in the PID namespace of one container, its first process is the lowest', () => {
  expect(chooseRoot(`17 1000 1000 no yes mnt:[21] helper\n${app}\n`)).toEqual({
    pid: 1,
    uid: 1000,
    gid: 1000,
    isOpen: true,
  });
});

test("where the Pod's processes are shared, the cgroup names the container's own", () => {
  const text = `1 65535 65535 no no - pause\n7 0 0 no no - envoy\n30 1000 1000 yes yes mnt:[21] java\n`;
  expect(chooseRoot(text)).toMatchObject({ pid: 30, isOpen: true });
  const untold = text.replace('yes yes', 'no yes');
  expect(chooseRoot(untold)).toMatchObject({ pid: 30 });
  const alike = untold.replace('7 0 0 no no -', '7 1000 1000 no yes mnt:[9]');
  expect(chooseRoot(alike)).toBe('ambiguous');
});

test("a runtime that shares no processes shows nobody but the helper's own", () => {
  expect(chooseRoot('')).toBe('hidden');
});

test("of processes of several users, the wanted one's first is looked through", () => {
  const text = '1 0 0 no no - sh\n9 1000 1000 no yes mnt:[21] java\n';
  expect(chooseRoot(text, 1000)).toMatchObject({ pid: 9, isOpen: true });
  expect(chooseRoot(text, 2000)).toMatchObject({ pid: 9 });
});
