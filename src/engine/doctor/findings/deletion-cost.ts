import type { Pod } from 'kubernetes-types/core/v1.js';
import { deletionCostAnnotation, replacementAnnotation } from '../../annotations.ts';
import { readMark } from '../../routes/release/owned-pods.ts';
import { hasRecord } from '../../session/record.ts';
import type { Finding } from '../finding.ts';
import { nameOf } from '../listed.ts';
import { sessionIds } from '../session-records.ts';
import type { NamespaceWorld } from '../world.ts';

/** The ends of int32: set to make sure, not to weigh. */
const extremes = new Set(['2147483647', '-2147483648', '-2147483647']);

/** A cost decides for ever who goes first at a scale-down (KEP-2255), also long after its reason. */
export function findDeletionCosts(world: NamespaceWorld): readonly Finding[] {
  const alive = sessionIds(world);
  return world.pods.flatMap((pod) => {
    const mark = pod.metadata?.annotations?.[replacementAnnotation];
    if (mark !== undefined) return markFinding(pod, mark, alive);
    const cost = pod.metadata?.annotations?.[deletionCostAnnotation];
    if (cost === undefined || !extremes.has(cost) || hasRecord(pod)) return [];
    const { namespace, name } = pod.metadata ?? {};
    return [
      {
        name: 'deletion-cost' as const,
        severity: 'warning' as const,
        namespace: namespace ?? '',
        object: `pod/${nameOf(pod)}`,
        message: `its deletion cost is ${cost}, and no session needs it: its owner will delete it ${cost.startsWith('-') ? 'before' : 'after'} all others, whatever else speaks for them`,
        hint: `if nobody means it so: kubectl annotate pod ${name} -n ${namespace} ${deletionCostAnnotation}-`,
      },
    ];
  });
}

/** Our own mark says what the cost was before; the session that set it is over. */
function markFinding(pod: Pod, mark: string, alive: ReadonlySet<string>): readonly Finding[] {
  const { id, cost } = readMark(mark);
  if (id === undefined || alive.has(id)) return [];
  const { namespace = '', name = '', uid, resourceVersion } = pod.metadata ?? {};
  return [
    {
      name: 'deletion-cost',
      severity: 'warning',
      namespace,
      object: `pod/${name}`,
      message: `session ${id} marked it as the replacement that goes when its Pod comes home, and is over: it would be the first to go at the next scale-down`,
      repair: {
        description: `${cost === null ? 'remove its deletion cost' : `set its deletion cost back to ${cost}`} and the mark`,
        writes: [
          {
            verb: 'patch',
            reference: { resource: 'pods', namespace, name },
            type: 'merge',
            patch: {
              metadata: {
                uid,
                resourceVersion,
                annotations: { [deletionCostAnnotation]: cost, [replacementAnnotation]: null },
              },
            },
          },
        ],
      },
    },
  ];
}
