import { describe, expect, test } from 'vitest';
import type { DemoSession } from '../../src/cli/demo/demo-report.ts';
import { expectNothingLeft, finished, makePlace, runDemo } from '../support/demo-run.ts';

describe('kubectl pitstop demo', () => {
  test.each(['namespaces', 'loopback'])(
    'takes a heap snapshot of Node.js at level %s',
    async (level) => {
      const place = await makePlace();
      const flags = ['--runtime=node', `--level=${level}`, '-ojson'];
      const { stdout } = await finished(runDemo(place, flags), 0);
      const { status } = JSON.parse(stdout) as DemoSession;
      expect(status.demo).toMatchObject({
        runtime: 'node',
        traffic: { failed: 0, toPodDuringStop: 0 },
      });
      expect(status.artifact).toMatchObject({ verified: true, format: 'heapsnapshot' });
      await expectNothingLeft(place);
    },
  );

  test('puts the Pod back and stops everything on a terminal that closes', async () => {
    const place = await makePlace();
    const run = runDemo(place, ['--progress=json', '-o', 'json']);
    await run.seen('"type":"step-started","step":"diagnose"');
    // The kernel hangs up once for the terminal and once for its shell.
    for (let i = 0; i < 2; i += 1) run.kill('SIGHUP');
    const { stdout } = await finished(run, 130);
    const session = JSON.parse(stdout) as DemoSession;
    expect(session.status).toMatchObject({ phase: 'Interrupted', podOut: false });
    expect(session.status.demo.traffic.failed).toBe(0);
    await expectNothingLeft(place);
  });
});
