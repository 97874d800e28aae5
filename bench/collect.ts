import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat } from 'node:fs/promises';
import { openSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchCluster } from './support/cluster.ts';
import { median, report, seconds, takeTurns } from './support/measure.ts';

const MEGABYTES = 500;
const BYTES = MEGABYTES * 1024 * 1024;
const cli = fileURLToPath(new URL('../bin/kubectl-pitstop.js', import.meta.url));

await using bench = await benchCluster();
const { kubectl, directory, cluster } = bench;
await kubectl('run', 'box', '--image=pause');
await kubectl('wait', '--for=condition=Ready', 'pod/box', '--timeout=30s');
// Half of it compresses, as a heap dump does.
const fill = `head -c ${BYTES / 2} /dev/urandom > /tmp/file; head -c ${BYTES / 2} /dev/zero >> /tmp/file`;
await kubectl('exec', 'box', '--', 'sh', '-c', fill);

const local = join(directory, 'file');

/** Seconds until the file is here, whole; what it costs is checked by size. */
async function fetch(file: string, args: readonly string[], toStdout = false): Promise<number> {
  await rm(local, { force: true });
  const out = toStdout ? openSync(local, 'w') : 'ignore';
  const took = await seconds(async () => {
    const child = spawn(file, args, {
      stdio: ['ignore', out, 'ignore'],
      env: { ...process.env, KUBECONFIG: cluster.kubeconfigPath },
    });
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`);
  });
  if (typeof out === 'number') closeSync(out);
  const { size } = await stat(local);
  if (size !== BYTES) throw new Error(`${file} brought ${size} of ${BYTES} bytes`);
  return took;
}

const collect = ['collect', 'box', '/tmp/file', '--keep-remote', '--progress=none', '-O', local];
const results = await takeTurns(
  {
    'pitstop collect': async () => {
      await rm(`${local}.manifest.json`, { force: true });
      return fetch(process.execPath, [cli, ...collect]);
    },
    'kubectl cp': () => fetch('kubectl', ['cp', 'box:/tmp/file', local]),
    'kubectl exec cat': () => fetch('kubectl', ['exec', 'box', '--', 'cat', '/tmp/file'], true),
  },
  3,
);
const peer = median(results['kubectl cp'] ?? []);
report(
  `${MEGABYTES} MB from a Pod; pitstop also agrees on its SHA-256`,
  Object.entries(results).map(([name, times]) => {
    const took = median(times);
    return `${name.padEnd(18)} ${took.toFixed(2)} s  ${(MEGABYTES / took).toFixed(0)} MB/s  ${(peer / took).toFixed(2)} x kubectl cp`;
  }),
);
