import fc from 'fast-check';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import { diagnose } from '../../src/engine/doctor/diagnose.ts';
import type { Finding } from '../../src/engine/doctor/finding.ts';
import { sampleWorld } from '../../src/engine/doctor/sample-world.ts';
import type { NamespaceWorld } from '../../src/engine/doctor/world.ts';
import { arbitraryWorld } from './engine/arbitrary-world.ts';
import { settle } from './engine/model-controllers.ts';
import {
  hasSelector,
  labelsOf,
  nameOf,
  ownerOf,
  serviceSelects,
  type World,
} from './engine/model-world.ts';

const runs = 1_000;
const aboutTraffic = new Set([
  'selector-removed',
  'mirrored-leftover',
  'foreign-slice',
  'dead-address',
  'stale-slice',
  'endpoints-edited',
]);

function asRead(world: World): Partial<NamespaceWorld> {
  const of = (kind: string) =>
    world.workloads
      .filter((each) => each.kind === kind)
      .map(({ name, uid, selector, replicas, template }) => ({
        metadata: { name, uid, namespace: 'shop' },
        spec: {
          replicas,
          selector,
          serviceName: name,
          template: { metadata: { labels: template } },
        },
      }));
  return {
    ...world,
    deployments: [],
    replicaSets: of('ReplicaSet'),
    statefulSets: of('StatefulSet'),
    daemonSets: of('DaemonSet'),
  };
}

function findings(world: World): readonly Finding[] {
  return diagnose(sampleWorld(asRead(world))).filter(({ name }) => aboutTraffic.has(name));
}

/** A world that nobody has touched by hand: controllers alone have made its slices and Endpoints. */
const tidyWorld = arbitraryWorld.map((world) => settle({ ...world, slices: [], endpoints: [] }));

function without(world: World, name: string, dead: ReadonlySet<string>): World {
  return settle({
    ...world,
    pods: world.pods.filter((pod) => !dead.has(nameOf(pod))),
    services: world.services.map((service) =>
      nameOf(service) === name ? withSelector(service, undefined) : service,
    ),
  });
}

/** In a cluster a Pod's name tells its owner; in the model any owner may have claimed a `web-N`. */
function mortal({ pods, workloads }: World): readonly Pod[] {
  const hasSet = workloads.some(({ kind }) => kind === 'StatefulSet');
  return pods.filter((pod) => !hasSet || ownerOf(pod)?.kind === 'StatefulSet');
}

function withSelector(service: Service, selector: Record<string, string> | undefined): Service {
  const { selector: _, ...spec } = service.spec ?? {};
  return { ...service, spec: { ...spec, ...(selector && { selector }) } };
}

it('finds nothing about traffic in a world that only controllers have made', () => {
  fc.assert(
    fc.property(tidyWorld, (world) => {
      expect(findings(world)).toEqual([]);
    }),
    { numRuns: runs },
  );
});

it('finds every selector that was taken away, and none that was not; what it puts back heals', () => {
  let damaged = 0;
  let repaired = 0;
  fc.assert(
    fc.property(tidyWorld, fc.nat(), fc.array(fc.nat({ max: 5 })), (world, at, deaths) => {
      const candidates = world.services.filter(
        (service) => hasSelector(service) && service.spec?.type !== 'ExternalName',
      );
      const service = candidates[at % Math.max(1, candidates.length)];
      if (!service) return;
      damaged += 1;
      const name = nameOf(service);
      const dead = new Set(deaths.flatMap((index) => mortal(world)[index]?.metadata?.name ?? []));
      const broken = without(world, name, dead);
      const found = findings(broken);
      expect(found.map((each) => `${each.name} ${each.object}`)).toEqual([
        `selector-removed service/${name}`,
      ]);
      const [write] = found[0]?.repair?.writes ?? [];
      if (write?.verb !== 'patch') return;
      repaired += 1;
      const { selector } = (write.patch as { spec: { selector: Record<string, string> } }).spec;
      const mended = withSelector(service, selector);

      // It selects what was listed and is still there, and nobody of another workload.
      const listed = broken.slices
        .filter((slice) => labelsOf(slice)['kubernetes.io/service-name'] === name)
        .flatMap(({ endpoints }) => (endpoints ?? []).map(({ targetRef }) => targetRef?.uid));
      const were = world.pods.filter((pod) => listed.includes(pod.metadata?.uid));
      const families = new Set(were.map((pod) => ownerOf(pod)?.uid ?? pod.metadata?.uid));
      const selected = broken.pods.filter((pod) => serviceSelects(mended, labelsOf(pod)));
      const alive = broken.pods.filter(({ metadata }) => listed.includes(metadata?.uid));
      expect(selected).toEqual(expect.arrayContaining(alive));
      const strangers = selected.filter(
        (pod) => !families.has(ownerOf(pod)?.uid ?? pod.metadata?.uid),
      );
      expect(strangers).toEqual([]);

      const services = broken.services.map((each) => (nameOf(each) === name ? mended : each));
      expect(findings(settle({ ...broken, services }))).toEqual([]);
    }),
    { numRuns: runs },
  );
  // Many of them listed nobody, or Pods that nothing tells from others.
  expect(damaged).toBeGreaterThan(runs / 4);
  expect(repaired).toBeGreaterThan(runs / 20);
});
