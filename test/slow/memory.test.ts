import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { expect, it, onTestFinished } from 'vitest';
import { useCluster } from '../support/cluster.ts';
import { deployMyApi } from '../support/my-api.ts';
import { pitstop } from '../support/pitstop.ts';

const world = useCluster();
const sizeBytes = 1_073_741_824;

it(
  'brings a file of 1 GiB home whole in less than 150 MB of memory',
  { timeout: 180_000 },
  async () => {
    const { kube, cluster } = world;
    const { namespace } = await deployMyApi(kube, { namespace: 'memory', runtime: 'node' });
    const directory = await mkdtemp(join(tmpdir(), 'pitstop-memory-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));

    const { code, stdout, stderr, peakKiB } = await pitstop(
      [
        'run',
        'deploy/my-api-deploy',
        '-n',
        namespace,
        '-o',
        'json',
        '-O',
        `${directory}/`,
        '--collect',
        '@DIR/big.bin',
        '--',
        'sh',
        '-c',
        `head -c ${sizeBytes} /dev/urandom > @DIR/big.bin`,
      ],
      { kubeconfig: cluster.kubeconfigPath },
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { artifact } = JSON.parse(stdout).status;
    expect(artifact).toMatchObject({ sizeBytes, verified: true, remoteRemoved: true });
    expect((await stat(artifact.path)).size).toBe(sizeBytes);
    const hash = createHash('sha256');
    await pipeline(createReadStream(artifact.path), hash);
    expect(hash.digest('hex')).toBe(artifact.sha256);
    // Neither the part nor its manifest is left beside it.
    expect(await readdir(directory)).toHaveLength(1);
    expect(peakKiB).toBeGreaterThan(0);
    expect(peakKiB).toBeLessThan(150_000);
  },
);
