import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import type { DemoSession } from '../../src/cli/demo/demo-report.ts';
import { expectNothingLeft, finished, makePlace, runDemo } from '../support/demo-run.ts';

const demoTimeoutMs = 180_000;

describe('kubectl pitstop demo', { timeout: demoTimeoutMs }, () => {
  test('dumps the heap of a JVM while nobody notices, and leaves nothing running', async () => {
    const place = await makePlace();
    const { stdout } = await finished(runDemo(place, ['--runtime=jvm', '-o', 'json']), 0);

    const session = JSON.parse(stdout) as DemoSession;
    expect(session).toMatchObject({
      apiVersion: 'pitstop.dev/v1alpha1',
      kind: 'Session',
      metadata: { namespace: 'my-namespace' },
      status: { phase: 'Succeeded', podOut: false },
    });
    const { traffic, runtime } = session.status.demo;
    expect(runtime).toBe('jvm');
    expect(traffic).toMatchObject({ failed: 0, toPodDuringStop: 0 });
    expect(traffic.toPodBefore).toBeGreaterThan(0);
    expect(traffic.toPodAfter).toBeGreaterThan(0);
    expect(traffic.requests).toBeGreaterThan(500);

    const { artifact } = session.status;
    expect(artifact).toMatchObject({ verified: true, format: 'hprof' });
    const path = artifact?.path ?? '';
    expect(path.startsWith(join(place.work, 'pitstop-artifacts'))).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(path)).size).toBe(artifact?.sizeBytes);
    expect(await hashOf(path)).toBe(artifact?.sha256);
    expect(await firstBytes(path, 18)).toBe('JAVA PROFILE 1.0.2');
    await expectNothingLeft(place);
  });

  test('puts the Pod back and stops everything on Ctrl-C', async () => {
    const place = await makePlace();
    const run = runDemo(place, ['--progress=json', '-o', 'json']);
    await run.seen('"type":"step-started","step":"diagnose"');
    run.kill('SIGINT');
    const { stdout } = await finished(run, 130);
    const session = JSON.parse(stdout) as DemoSession;
    expect(session.status).toMatchObject({ phase: 'Interrupted', podOut: false });
    expect(session.status.demo.traffic.failed).toBe(0);
    await expectNothingLeft(place);
  });

  test('shows by hand that the removed Pod goes on getting about half of the traffic', async () => {
    const place = await makePlace();
    const { stdout, stderr } = await finished(runDemo(place, ['--by-hand', '-o', 'json']), 0);
    expect(stderr).toContain('$ kubectl edit endpoints -n my-namespace my-svc');
    const { byHand, traffic } = (JSON.parse(stdout) as DemoSession).status.demo;
    const share = (byHand?.toRemovedPod ?? 0) / (byHand?.requests ?? 1);
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.7);
    expect(traffic).toMatchObject({ failed: 0, toPodDuringStop: 0 });
    await expectNothingLeft(place);
  });
});

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function firstBytes(path: string, length: number): Promise<string> {
  return (await createReadStream(path, { end: length - 1 }).toArray()).join('');
}
