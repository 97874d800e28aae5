import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const example = new URL('../../examples/library/stop-a-pod.mjs', import.meta.url).pathname;

it('the library example does what it says', { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [example]);
  expect(JSON.parse(stdout)).toMatchObject({
    phase: 'Succeeded',
    podOut: false,
    connections: { atProof: 0, newSince: 0 },
    artifact: { format: 'text', verified: true },
  });
});
