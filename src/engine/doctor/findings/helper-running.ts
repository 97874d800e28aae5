import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.js';
import { hasRecord } from '../../session/record.ts';
import type { Finding } from '../finding.ts';
import { nameOf } from '../listed.ts';
import type { NamespaceWorld } from '../world.ts';

/** Ours ends on a word; one that `kubectl debug` named is somebody's, perhaps at this moment. */
export const ownHelper = /^pitstop-[0-9a-f]{8}$/;
const theirs = /^debugger-[a-z0-9]{5}$/;

/** KEP-277: an ephemeral container cannot be removed; while it runs it uses the Pod's memory. */
export function findRunningHelpers(world: NamespaceWorld): readonly Finding[] {
  return world.pods.flatMap((pod) => {
    if (hasRecord(pod) || pod.metadata?.deletionTimestamp) return [];
    return (pod.status?.ephemeralContainerStatuses ?? [])
      .filter(({ name, state }) => state?.running && (ownHelper.test(name) || theirs.test(name)))
      .map((status) => findingOf(pod, status));
  });
}

function findingOf(pod: Pod, { name, state }: ContainerStatus): Finding {
  const { namespace = '' } = pod.metadata ?? {};
  const since = state?.running?.startedAt ?? 'unknown';
  const about = { name: 'helper-running', namespace, object: `pod/${nameOf(pod)}` } as const;
  if (ownHelper.test(name)) {
    return {
      ...about,
      severity: 'warning',
      message: `ephemeral container ${name} of a session that is over runs since ${since}; it counts to the Pod's memory`,
      repair: {
        description: `end the program of ephemeral container ${name} (the container itself cannot be removed)`,
        writes: [],
        end: { pod: nameOf(pod), container: name },
      },
    };
  }
  return {
    ...about,
    severity: 'note',
    message: `ephemeral container ${name} of kubectl debug runs since ${since}; it counts to the Pod's memory until its program ends`,
    hint: `if nobody is at work there, end its program from inside (never PID 1, which may be the application): kubectl attach -it ${nameOf(pod)} -n ${namespace} -c ${name}`,
  };
}
