import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { recordAnnotation } from '../../annotations.ts';
import { PitstopError } from '../../errors.ts';
import { readEntryRecord } from '../../session/entry-record.ts';
import { readServiceRecord, type ServiceRecord } from '../../session/service-record.ts';
import type { Finding, Repair } from '../finding.ts';
import { nameOf } from '../listed.ts';
import { sessionIds } from '../session-records.ts';
import type { NamespaceWorld } from '../world.ts';

/** What a session changed besides its Pod has a record too; with the Pod deleted nobody asks for it. */
export function findOrphanedRecords(world: NamespaceWorld): readonly Finding[] {
  const alive = sessionIds(world);
  return [
    ...world.services.flatMap((service) => {
      const about = { namespace: world.namespace, object: `service/${nameOf(service)}` };
      return readable(about, () => serviceFinding(world, service, alive));
    }),
    ...world.slices.flatMap((slice) => {
      const about = { namespace: world.namespace, object: `endpointslice/${nameOf(slice)}` };
      return readable(about, () => entryFinding(world, 'endpointslices', slice, alive));
    }),
    ...world.endpoints.flatMap((each) => {
      const about = { namespace: world.namespace, object: `endpoints/${nameOf(each)}` };
      return readable(about, () => entryFinding(world, 'endpoints', each, alive));
    }),
  ];
}

/** The finding that a record cannot be read, where it cannot. */
function readable(
  about: Pick<Finding, 'object'> & { readonly namespace: string },
  find: () => Omit<Finding, 'name' | 'object' | 'namespace'> | undefined,
): readonly Finding[] {
  try {
    const found = find();
    // Pods and Services are read one after the other: a session may have begun in between.
    return found ? [{ name: 'record-orphaned', ...about, ...found, passing: true }] : [];
  } catch (error) {
    if (!(error instanceof PitstopError)) throw error;
    const { message, hint } = error;
    return [
      {
        name: 'record-unreadable',
        severity: 'error',
        ...about,
        message,
        ...(hint !== undefined && { hint }),
      },
    ];
  }
}

/** Route `selector`: the Service without its selector is frozen until the record is undone. */
function serviceFinding(
  world: NamespaceWorld,
  service: Service,
  alive: ReadonlySet<string>,
): Omit<Finding, 'name' | 'object' | 'namespace'> | undefined {
  const record = readServiceRecord(service);
  if (!record || record.sessions.some(({ id }) => alive.has(id))) return undefined;
  return {
    severity: 'error',
    message:
      'a session took its selector away and is over without having put it back: its EndpointSlices stand still',
    details: record.sessions.map(
      ({ id, pod, by, startedAt }) =>
        `session ${id} by ${by}, since ${startedAt}, for pod/${pod}, which carries no record of it`,
    ),
    repair: serviceRepair(world, service, record),
  };
}

function serviceRepair(
  { pods }: NamespaceWorld,
  { metadata }: Service,
  { selector, sessions }: ServiceRecord,
): Repair {
  const pairs = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const description = `put the selector ${pairs.join(',')} back, as the record says, and remove the record`;
  const [gone] = sessions;
  const isGone = sessions.every(({ podUid }) => !pods.some((pod) => pod.metadata?.uid === podUid));
  // By its name `restore` finds what a Pod that is gone has left; one that is there it would ask.
  if (gone && isGone) {
    return { description, writes: [], restore: { pod: gone.pod, onlyIfExpired: false } };
  }
  const { namespace, name = '', uid, resourceVersion } = metadata ?? {};
  return {
    description,
    writes: [
      {
        verb: 'patch',
        reference: { resource: 'services', namespace, name },
        type: 'merge',
        patch: {
          metadata: { uid, resourceVersion, annotations: { [recordAnnotation]: null } },
          spec: { selector },
        },
      },
    ],
  };
}

/** Hand-made entries that a session took out: with their Pods gone there is nothing to put back. */
function entryFinding(
  { pods }: NamespaceWorld,
  resource: 'endpointslices' | 'endpoints',
  object: EndpointSlice | Endpoints,
  alive: ReadonlySet<string>,
): Omit<Finding, 'name' | 'object' | 'namespace'> | undefined {
  const record = readEntryRecord(object);
  if (!record || record.sessions.some(({ id }) => alive.has(id))) return undefined;
  const there = record.sessions.filter(({ podUid }) =>
    pods.some(({ metadata }) => metadata?.uid === podUid),
  );
  const { namespace, name = '', uid, resourceVersion } = object.metadata ?? {};
  const repair: Repair = {
    description: 'remove the record: the Pods whose entries were taken out are gone',
    writes: [
      {
        verb: 'patch',
        reference: { resource, namespace, name },
        type: 'merge',
        patch: { metadata: { uid, resourceVersion, annotations: { [recordAnnotation]: null } } },
      },
    ],
  };
  return {
    severity: 'warning',
    message:
      'a session took an entry out of it and is over without having put it back or removed its record',
    details: record.sessions.map(
      ({ id, pod, by, startedAt, removed }) =>
        `session ${id} by ${by}, since ${startedAt}, took ${removed.flatMap(({ addresses }) => addresses).join(', ')} of pod/${pod} out`,
    ),
    ...(there.length === 0
      ? { repair }
      : {
          hint: `put the entry back by hand, then: kubectl annotate ${resource} ${name} -n ${namespace} ${recordAnnotation}-`,
        }),
  };
}
