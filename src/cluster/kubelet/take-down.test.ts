import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Cluster } from '../launch/cluster.ts';
import { noNamespaces, TestNode } from './test-node.ts';

test.skipIf(noNamespaces !== undefined)(
  'a Pod whose network cannot be taken down at once is gone a moment later',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pitstop-take-down-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const failed = join(directory, 'failed');
    const ip = execFileSync('sh', ['-c', 'command -v ip']).toString().trim();
    // As the kernel may answer while it removes the device itself; once.
    const once = `#!/bin/sh
commands=$(cat)
case $commands in "link delete"*)
  [ -e ${failed} ] || { touch ${failed}; echo "RTNETLINK answers: Device or resource busy" >&2; exit 1; } ;;
esac
printf '%s\\n' "$commands" | ${ip} "$@"
`;
    await writeFile(join(directory, 'ip'), once, { mode: 0o755 });
    const path = process.env['PATH'];
    process.env['PATH'] = `${directory}:${path}`;
    onTestFinished(() => void (process.env['PATH'] = path));
    await using cluster = await Cluster.start({
      name: 'take-down',
      directory: join(directory, 'cluster'),
    });
    const node = TestNode.of(cluster);
    await node.run('pause', { containers: [{ name: 'pause', image: 'pause' }] });
    await expect
      .poll(async () => (await node.pod('pause')).status?.phase, { timeout: 30_000 })
      .toBe('Running');
    await node.request('/api/v1/namespaces/default/pods/pause?gracePeriodSeconds=1', {
      method: 'DELETE',
    });
    await expect
      .poll(() => node.pod('pause').catch((error: Error) => error.message), { timeout: 30_000 })
      .toMatch(/404/);
    expect(existsSync(failed)).toBe(true);
  },
);
