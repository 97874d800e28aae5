import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchCluster } from './cluster.ts';

/** Starts the Pod `box`, which shows the benchmark's directory as `/data`. */
export async function startBox({ kubectl, directory }: BenchCluster): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'box' },
    spec: {
      containers: [
        { name: 'box', image: 'pause', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      ],
      volumes: [{ name: 'data', hostPath: { path: directory } }],
    },
  };
  const file = join(directory, 'pod.json');
  await writeFile(file, JSON.stringify(pod));
  await kubectl('create', '-f', file);
  await kubectl('wait', '--for=condition=Ready', 'pod/box', '--timeout=60s');
}
