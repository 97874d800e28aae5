import type { Pod } from 'kubernetes-types/core/v1.js';
import { inServiceCondition } from '../../plan/routes/gate.ts';
import { hasRecord } from '../../session/record.ts';
import type { Finding } from '../finding.ts';
import { isRunning, nameOf } from '../listed.ts';
import type { NamespaceWorld } from '../world.ts';

/** KEP-580: with the gate's condition False the Pod is not Ready, for as long as nobody sets it again. */
export function findHeldGates(world: NamespaceWorld): readonly Finding[] {
  return world.pods.flatMap((pod) => {
    const gated = pod.spec?.readinessGates?.some(
      ({ conditionType }) => conditionType === inServiceCondition,
    );
    const condition = pod.status?.conditions?.find(({ type }) => type === inServiceCondition);
    if (!gated || condition?.status !== 'False') return [];
    if (hasRecord(pod) || !isRunning(pod) || pod.metadata?.deletionTimestamp) return [];
    return [
      {
        name: 'gate-held' as const,
        severity: 'error' as const,
        namespace: world.namespace,
        object: `pod/${nameOf(pod)}`,
        message: `its condition ${inServiceCondition} is False, so it is not Ready and gets no traffic, and no session holds it`,
        details: [
          ...(condition.message ? [condition.message] : []),
          'unready, it is the first that a scale-down of its owner deletes',
        ],
        repair: {
          description: `set the condition ${inServiceCondition} to True`,
          writes: [writeOf(pod)],
        },
      },
    ];
  });
}

/** Conditions merge by their type in a strategic merge only; JSON names the one that was looked at. */
function writeOf({ metadata, status }: Pod) {
  const index = (status?.conditions ?? []).findIndex(({ type }) => type === inServiceCondition);
  const { namespace, name = '', uid, resourceVersion } = metadata ?? {};
  const path = `/status/conditions/${index}`;
  return {
    verb: 'patch' as const,
    reference: { resource: 'pods' as const, namespace, name },
    subresource: 'status' as const,
    type: 'json' as const,
    patch: [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'test', path: `${path}/type`, value: inServiceCondition },
      { op: 'replace', path: `${path}/status`, value: 'True' },
    ],
  };
}
