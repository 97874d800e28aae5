import { expect, test } from 'vitest';
import { createSandbox, type Shared } from './namespace-sandbox.ts';

test('a sandbox that cannot be made says why, however soon its process ends', async () => {
  const options = { uid: '1', directory: '/', hostname: 'web', hostNetwork: true };
  // Nothing of what is shared is needed before there is a sandbox.
  const make = () =>
    createSandbox({ ...options, sysctls: { 'kernel.none': '1' } }, {} as unknown as Shared);
  const ended = await Promise.allSettled(Array.from({ length: 8 }, make));
  const said = ended.map((one) => (one.status === 'rejected' ? String(one.reason) : 'made'));
  // Where this user may make no namespaces, unshare says that.
  expect(said.filter((words) => !/cannot create|not permitted/.test(words))).toEqual([]);
});
