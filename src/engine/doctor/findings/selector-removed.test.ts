import type { Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import {
  annotated,
  byController,
  byMirroring,
  costsOf,
  diagnoseIn,
  namesOf,
  podA,
  podB,
  podC,
  sampleEndpoints,
  sampleEntry,
  sampleNow,
  samplePod,
  sampleRecord,
  sampleService,
  sampleSlice,
} from '../sample-world.ts';

/** Whose selector a session of route `selector` holds. */
const session = {
  id: 'abcd1234',
  pod: 'web-7d-bbbbb',
  podUid: 'uid-web-7d-bbbbb',
  by: 'jane',
  startedAt: 'now',
};
const bare = sampleService(undefined);
const held = {
  ...bare,
  metadata: {
    ...bare.metadata,
    annotations: {
      'pitstop.dev/session': JSON.stringify({ selector: { app: 'web' }, sessions: [session] }),
    },
  },
};

describe('a Service that lost its selector', () => {
  const services = [sampleService(undefined)];
  const slices = [
    sampleSlice('web-s1', byController, [
      sampleEntry('10.0.0.1', 'web-7d-bbbbb'),
      sampleEntry('10.0.0.2', 'web-7d-ccccc'),
    ]),
    sampleSlice('web-s2', byMirroring, [sampleEntry('10.0.0.2', 'web-7d-ccccc')]),
  ];
  const endpoints = [sampleEndpoints('10.0.0.2')];

  it('costs nothing yet, while all that its slices list is alive', () => {
    const [finding, ...others] = diagnoseIn({ services, slices, endpoints });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      name: 'selector-removed',
      severity: 'error',
      object: 'service/web',
      message: expect.stringContaining('nothing is lost yet'),
      details: [
        'kubectl get endpoints does not show 10.0.0.1 any more, but pod/web-7d-bbbbb gets its share of the traffic as before: web-s1 lists it',
      ],
    });
    expect(finding?.repair?.writes).toEqual([
      {
        verb: 'patch',
        reference: { resource: 'services', namespace: 'shop', name: 'web' },
        type: 'merge',
        patch: {
          metadata: { uid: 'uid-svc', resourceVersion: '9' },
          spec: { selector: { app: 'web' } },
        },
      },
    ]);
  });

  it('loses the share of a Pod that died, and gives nothing to the one in its place', () => {
    const found = diagnoseIn({ services, slices, endpoints, pods: [podB, podC] });
    expect(namesOf(found)).toEqual(['selector-removed']);
    expect(found[0]?.details).toEqual([
      'web-s1 lists 10.0.0.1 as ready, but pod/web-7d-bbbbb is gone',
      'pod/web-7d-ddddd is Ready, but no slice lists it: it gets no traffic',
    ]);
    expect(costsOf(found)).toEqual(['30 of 60 requests to port 80 (http) would fail']);
  });

  it('fails wholly when all its Pods were replaced, and is still told from their templates', () => {
    const found = diagnoseIn({ services, slices, endpoints, pods: [podC] });
    expect(costsOf(found)).toEqual(['60 of 60 requests to port 80 (http) would fail']);
    expect(found[0]?.repair?.description).toContain('put the selector app=web back');
  });

  it('sends requests astray when the address belongs to another Pod by now', () => {
    const other = samplePod('mail-0', '10.0.0.1', { labels: { app: 'mail' }, owned: false });
    const found = diagnoseIn({ services, slices, endpoints, pods: [podB, other] });
    expect(costsOf(found)).toEqual([
      '30 of 60 requests to port 80 (http) would reach a Pod of something else',
    ]);
  });

  it('gets back what kubectl applied last, if the Pods that are listed fit it', () => {
    const applied = sampleService(undefined);
    applied.metadata = {
      ...applied.metadata,
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
          spec: { selector: { app: 'web', 'pod-template-hash': '7d' } },
        }),
      },
    };
    const [finding] = diagnoseIn({ services: [applied], slices, endpoints });
    expect(finding?.repair?.description).toBe(
      'put the selector app=web,pod-template-hash=7d back (as kubectl applied it last)',
    );
  });

  it('does not bring back a Pod that its selector left out', () => {
    const on = { app: 'web', traffic: 'on' };
    const off = samplePod('web-7d-off', '10.0.0.4', { labels: { app: 'web', traffic: 'off' } });
    const born = (pod: Pod, hour: number, labels: Record<string, string>) => ({
      ...pod,
      metadata: { ...pod.metadata, labels, creationTimestamp: `2026-11-23T${hour}:00:00Z` },
    });
    const [own, mirrored] = slices;
    const changed = {
      ...own!,
      metadata: {
        ...own?.metadata,
        managedFields: [{ manager: 'kube-controller-manager', time: '2026-11-23T11:00:00Z' }],
      },
    };
    const pods = [
      born(podA, 10, on),
      born(podB, 10, on),
      born(off, 10, { app: 'web', traffic: 'off' }),
    ];
    const [finding] = diagnoseIn({ services, slices: [changed, mirrored!], endpoints, pods });
    expect(finding?.repair?.description).toMatch(/^put the selector app=web,traffic=on back/);
    // One that came later may be new.
    const late = born(off, 12, { app: 'web', track: 'canary' });
    const [later] = diagnoseIn({
      services,
      slices: [changed, mirrored!],
      endpoints,
      pods: [...pods.slice(0, 2), late],
    });
    expect(later?.repair?.description).toMatch(/^put the selector app=web back/);
    // And one that nothing tells apart is not guessed about.
    const alike = born(off, 10, on);
    const [blurred] = diagnoseIn({
      services,
      slices: [changed, mirrored!],
      endpoints,
      pods: [...pods.slice(0, 2), alike],
    });
    expect(blurred?.repair).toBeUndefined();
  });

  it('tells what else it may have selected on', () => {
    const labels = { app: 'web', 'pitstop.dev/traffic': 'open', tier: 'front' };
    const pods = [podA, podB].map((pod) => ({ ...pod, metadata: { ...pod.metadata, labels } }));
    const [finding] = diagnoseIn({ services, slices, endpoints, pods });
    expect(finding?.repair?.description).toMatch(
      /^put the selector app=web,pitstop.dev\/traffic=open back/,
    );
    expect(finding?.details).toContain(
      'all listed Pods also carry tier=front: if the Service selected on that too, apply its manifest instead of --fix',
    );
  });

  it('is left to a person when what its Pods have in common would select others too', () => {
    const stranger = samplePod('mail-0', '10.0.0.9', { labels: { app: 'web' }, owned: false });
    const [finding] = diagnoseIn({ services, slices, endpoints, pods: [podA, podB, stranger] });
    expect(finding?.repair).toBeUndefined();
    expect(finding?.hint).toContain('kubectl set selector service web -n shop KEY=VALUE');
  });

  it('tells who keeps the Service by a manifest: it would take the repair back', () => {
    const kept = sampleService(undefined);
    kept.metadata = {
      ...kept.metadata,
      annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/Service:shop/web' },
    };
    const [finding] = diagnoseIn({ services: [kept], slices, endpoints });
    expect(finding?.details?.[0]).toMatch(/^Argo CD keeps it .* mend what it goes by first$/);
  });

  it('is one, also when its slices were deleted by hand', () => {
    const made = sampleEndpoints('10.0.0.2');
    made.metadata = {
      ...made.metadata,
      labels: { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    };
    const found = diagnoseIn({ services, slices: slices.slice(1), endpoints: [made] });
    expect(namesOf(found)).toEqual(['selector-removed']);
  });

  it('is none when a session holds the selector, or it never had one', () => {
    expect(diagnoseIn({ services, slices: [], endpoints: [] })).toEqual([]);
    const out = annotated(podA, {
      'pitstop.dev/session': sampleRecord({ deadline: new Date(sampleNow + 60_000).toISOString() }),
    });
    expect(diagnoseIn({ services: [held], slices, endpoints, pods: [out, podB] })).toEqual([]);
  });

  it('is brought back by the record of a session that is over, whose Pod is gone or has none', () => {
    const found = { name: 'record-orphaned', object: 'service/web' };
    expect(diagnoseIn({ services: [held], slices, endpoints, pods: [podB] })).toMatchObject([
      { ...found, repair: { writes: [], restore: { pod: 'web-7d-bbbbb', onlyIfExpired: false } } },
    ]);
    expect(diagnoseIn({ services: [held], slices, endpoints, pods: [podA, podB] })).toMatchObject([
      { ...found, repair: { writes: [{ patch: { spec: { selector: { app: 'web' } } } }] } },
    ]);
  });
});
