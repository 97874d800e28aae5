import { describe, expect, it } from 'vitest';
import {
  annotated,
  byController,
  diagnoseIn,
  namesOf,
  podA,
  podB,
  sampleEndpoints,
  sampleEntry,
  sampleNow,
  samplePod,
  sampleRecord,
  sampleReplicaSet,
  sampleSlice,
} from '../sample-world.ts';

describe('Pods that a person forgot', () => {
  it('a relabelled one names its owner, and the label', () => {
    const lost = samplePod('web-7d-bbbbb', '10.0.0.1', {
      labels: { app: 'quarantine', 'pod-template-hash': '7d' },
      owned: false,
    });
    const slices = [sampleSlice('web-s1', byController, [sampleEntry('10.0.0.2', 'web-7d-ccccc')])];
    const [finding, ...others] = diagnoseIn({
      pods: [lost, podB],
      slices,
      endpoints: [sampleEndpoints('10.0.0.2')],
    });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      name: 'orphaned-pod',
      message: 'replicaset/web-7d made it and has let it go: its label app is quarantine, not web',
      hint: expect.stringContaining('kubectl label pod web-7d-bbbbb -n shop --overwrite app=web'),
    });
    const unwanted = { ...sampleReplicaSet, spec: { ...sampleReplicaSet.spec!, replicas: 0 } };
    const [later] = diagnoseIn({
      pods: [lost, podB],
      slices,
      endpoints: [sampleEndpoints('10.0.0.2')],
      replicaSets: [unwanted],
    });
    expect(later?.hint).toMatch(/^when nothing in it is needed any more: kubectl delete pod/);
  });

  it('a member of a StatefulSet is missed there until it is labelled back', () => {
    const lost = samplePod('db-1', '10.0.0.9', {
      labels: { app: 'quarantine', 'statefulset.kubernetes.io/pod-name': 'db-1' },
      owned: false,
    });
    const [finding] = diagnoseIn({
      pods: [podA, podB, { ...lost, metadata: { ...lost.metadata, generateName: 'db-' } }],
      statefulSets: [
        {
          metadata: { name: 'db', namespace: 'shop' },
          spec: {
            replicas: 2,
            serviceName: 'db',
            selector: { matchLabels: { app: 'db' } },
            template: {},
          },
        },
      ],
    });
    expect(finding).toMatchObject({
      name: 'orphaned-pod',
      message: expect.stringMatching(/^statefulset\/db made it/),
    });
  });

  it('an extreme deletion cost is told; one that weighs is not', () => {
    const key = 'controller.kubernetes.io/pod-deletion-cost';
    expect(namesOf(diagnoseIn({ pods: [annotated(podA, { [key]: '2147483647' }), podB] }))).toEqual(
      ['deletion-cost'],
    );
    expect(diagnoseIn({ pods: [annotated(podA, { [key]: '100' }), podB] })).toEqual([]);
  });

  it('a shut gate of ours is opened, if no session holds it', () => {
    const gated = {
      ...podA,
      spec: {
        containers: podA.spec?.containers ?? [],
        readinessGates: [{ conditionType: 'pitstop.dev/in-service' }],
      },
      status: {
        ...podA.status,
        conditions: [
          { type: 'Ready', status: 'False' },
          { type: 'pitstop.dev/in-service', status: 'False' },
        ],
      },
    };
    const slices = [sampleSlice('web-s1', byController, [sampleEntry('10.0.0.2', 'web-7d-ccccc')])];
    const world = { slices, endpoints: [sampleEndpoints('10.0.0.2')] };
    expect(diagnoseIn({ ...world, pods: [gated, podB] })).toMatchObject([
      {
        name: 'gate-held',
        repair: {
          writes: [
            {
              subresource: 'status',
              patch: [
                {},
                {},
                { op: 'test', path: '/status/conditions/1/type' },
                { op: 'replace', path: '/status/conditions/1/status', value: 'True' },
              ],
            },
          ],
        },
      },
    ]);
    const deadline = new Date(sampleNow + 60_000).toISOString();
    const held = annotated(gated, {
      'pitstop.dev/session': sampleRecord({ route: 'gate', deadline }),
    });
    expect(diagnoseIn({ ...world, pods: [held, podB] })).toEqual([]);
  });

  it('a helper of ours that still runs is ended; one of a person is told, never to be ended by PID', () => {
    const helped = (name: string) => ({
      ...podA,
      status: {
        ...podA.status,
        ephemeralContainerStatuses: [
          {
            name,
            image: 'busybox',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { running: { startedAt: '2026-11-23T10:00:00Z' } },
          },
        ],
      },
    });
    const name = 'helper-running';
    expect(diagnoseIn({ pods: [helped('pitstop-0123abcd'), podB] })).toMatchObject([
      { name, repair: { end: { pod: 'web-7d-bbbbb', container: 'pitstop-0123abcd' } } },
    ]);
    const theirs = diagnoseIn({ pods: [helped('debugger-x7k2p'), podB] });
    expect(theirs).toMatchObject([
      { name, severity: 'note', hint: expect.stringContaining('never PID 1') },
    ]);
    expect(theirs[0]?.repair).toBeUndefined();
    expect(diagnoseIn({ pods: [helped('istio-debug'), podB] })).toEqual([]);
  });
});
