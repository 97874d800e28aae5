import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../../src/kube/index.ts';
import { until } from '../until.ts';

/** A file in a Pod, as it is to come home. */
export interface BoxFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A Pod that sleeps; `/data` outlives its container, everything else does not. */
export interface Box {
  readonly namespace: string;
  readonly pod: string;
  /** Made anew: half of it random, half of it zeros, as a heap dump is half compressible. */
  fill(path: string, sizeBytes: number): Promise<BoxFile>;
  sh(script: string): Promise<string>;
}

export async function startBox(kube: Kube, pod: string, namespace = 'default'): Promise<Box> {
  await kube.create<Pod>('pods', {
    metadata: { name: pod, namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'box',
          image: 'busybox',
          command: ['sleep', '100000'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', emptyDir: {} }],
    },
  });
  await until(`pod ${pod} is ready`, async () => {
    const found = await kube.get<Pod>({ resource: 'pods', namespace, name: pod });
    return found?.status?.containerStatuses?.[0]?.ready;
  });
  const sh = async (script: string): Promise<string> => {
    const command = ['sh', '-c', script];
    const said = await kube.execText({ namespace, pod, container: 'box', command });
    if (said.exitCode !== 0) throw new Error(`${script}: ${said.stderr}`);
    return said.stdout;
  };
  return {
    namespace,
    pod,
    sh,
    async fill(path, sizeBytes) {
      const random = Math.ceil(sizeBytes / 2);
      const said = await sh(
        `{ head -c ${random} /dev/urandom; head -c ${sizeBytes - random} /dev/zero; } > ${path}; sha256sum ${path}`,
      );
      return { path, sizeBytes, sha256: said.slice(0, 64) };
    },
  };
}
