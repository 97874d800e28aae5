import type { Service } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../../kube/index.ts';
import { recordAnnotation } from '../../annotations.ts';
import { PitstopError } from '../../errors.ts';
import { readServiceRecord } from '../../session/service-record.ts';
import type { Finding } from '../finding.ts';
import { nameOf } from '../listed.ts';
import { sessionIds } from '../session-records.ts';
import type { NamespaceWorld } from '../world.ts';

/** What a session changed besides its Pod has a record too; with the Pod deleted nobody asks for it. */
export function findOrphanedRecords(world: NamespaceWorld): readonly Finding[] {
  const alive = sessionIds(world);
  return [
    ...world.services.flatMap((service) => serviceFinding(world, service, alive)),
    ...world.slices.flatMap((slice) => entryFinding(world, 'endpointslice', slice, alive)),
    ...world.endpoints.flatMap((each) => entryFinding(world, 'endpoints', each, alive)),
  ];
}

/** Route `selector`: the Service without its selector is frozen until the record is undone. */
function serviceFinding(
  { namespace }: NamespaceWorld,
  service: Service,
  alive: ReadonlySet<string>,
): readonly Finding[] {
  const object = `service/${nameOf(service)}`;
  try {
    const record = readServiceRecord(service);
    if (!record || record.sessions.some(({ id }) => alive.has(id))) return [];
    const { selector, sessions } = record;
    const { name = '', uid, resourceVersion } = service.metadata ?? {};
    const pairs = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
    return [
      {
        name: 'record-orphaned',
        severity: 'error',
        namespace,
        object,
        message:
          'a session took its selector away and is over without having put it back: its EndpointSlices stand still',
        details: sessions.map(
          ({ id, pod, by, startedAt }) =>
            `session ${id} by ${by}, since ${startedAt}, for pod/${pod}, which carries no record of it`,
        ),
        repair: {
          description: `put the selector ${pairs.join(',')} back, as the record says, and remove the record`,
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
        },
      },
    ];
  } catch (error) {
    if (!(error instanceof PitstopError)) throw error;
    const { message, hint = '' } = error;
    return [{ name: 'record-unreadable', severity: 'error', namespace, object, message, hint }];
  }
}

/** Hand-made entries that a session took out: without its Pod there is nothing to put back. */
function entryFinding(
  { namespace }: NamespaceWorld,
  kind: string,
  object: KubeObject,
  alive: ReadonlySet<string>,
): readonly Finding[] {
  const record = object.metadata?.annotations?.[recordAnnotation];
  if (record === undefined || [...alive].some((id) => record.includes(id))) return [];
  const name = nameOf(object);
  return [
    {
      name: 'record-orphaned',
      severity: 'warning',
      namespace,
      object: `${kind}/${name}`,
      message:
        'a session took an entry out of it and left its undo record here, but no Pod is out for that session',
      details: [`the record: ${record.slice(0, 300)}`],
      hint: `if the entry is not wanted any more: kubectl annotate ${kind} ${name} -n ${namespace} ${recordAnnotation}-`,
    },
  ];
}
