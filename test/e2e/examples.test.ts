import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const examples = new URL('../../examples/', import.meta.url).pathname;

it('the library example does what it says', { timeout: 60_000 }, async () => {
  const { stdout } = await run(process.execPath, [`${examples}library/stop-a-pod.mjs`]);
  expect(JSON.parse(stdout)).toMatchObject({
    phase: 'Succeeded',
    podOut: false,
    connections: { atProof: 0, newSince: 0 },
    artifact: { format: 'text', verified: true },
  });
});

it.each(['team-config', 'client-go'])('the tests of the example %s pass', async (name) => {
  const file = `${examples}controller-test/${name}.test.mjs`;
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', file]);
  expect(stdout).toMatch(/^# pass [1-9]/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});
