import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from 'kubernetes-types/batch/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFleet, type FleetResult } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { sleeperImage } from '../support/images.ts';
import { until } from '../support/until.ts';
import { deployWorkload } from '../support/workload.ts';

const world = useCluster();
let output = '';
beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), 'pitstop-fleet-'));
});
afterAll(() => rm(output, { recursive: true }));

const fleet = (namespace: string, target: string): Promise<FleetResult> =>
  runFleet(world.kube, { target, namespace, settleMs: 50, output, command: ['sleep', '0.1'] });
const podsOf = ({ sessions }: FleetResult) => sessions.map(({ spec }) => spec.pod).toSorted();
const succeeded = { status: { phase: 'Succeeded', podOut: false } };

describe.concurrent('run --all: of every kind of workload', () => {
  it.each([
    ['sts/web', 'StatefulSet'],
    ['ds/web', 'DaemonSet'],
    ['rc/web', 'ReplicationController'],
    ['rs/web', 'ReplicaSet'],
    ['svc/web', 'Pod'],
  ] as const)('%s', async (target, owner) => {
    const { namespace, pods } = await deployWorkload(world.kube, {
      namespace: `of-${owner.toLowerCase()}`,
      owner,
      means: { trafficLabel: true },
    });
    const result = await fleet(namespace, target);
    expect(result).toMatchObject({ refused: [], skipped: [] });
    expect(podsOf(result)).toEqual(pods);
    for (const session of result.sessions) expect(session).toMatchObject(succeeded);
  });

  it('job/web: what has ended is passed over', async () => {
    const namespace = 'of-job';
    const { kube } = world;
    await kube.create('namespaces', { metadata: { name: namespace } });
    await kube.create<Job>('jobs', {
      metadata: { name: 'web', namespace },
      spec: {
        completionMode: 'Indexed',
        completions: 3,
        parallelism: 3,
        template: {
          spec: {
            restartPolicy: 'Never',
            terminationGracePeriodSeconds: 0,
            containers: [
              {
                name: 'web',
                image: sleeperImage,
                command: ['sh', '-c', '[ "$JOB_COMPLETION_INDEX" = 0 ] || sleep 100000'],
              },
            ],
          },
        },
      },
    });
    const phases = async () => {
      const pods = await kube.list<Pod>('pods', { namespace });
      return pods.map(({ status }) => status?.phase ?? '').toSorted();
    };
    await until(
      'one has ended, two run',
      async () => (await phases()).join(' ') === 'Running Running Succeeded',
    );
    const result = await fleet(namespace, 'job/web');
    expect(result).toMatchObject({ refused: [], skipped: [] });
    expect(result.sessions).toHaveLength(2);
    for (const session of result.sessions) expect(session).toMatchObject(succeeded);
  });
});
