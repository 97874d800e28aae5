import { hasRecord } from '../../session/record.ts';
import type { Finding } from '../finding.ts';
import { nameOf } from '../listed.ts';
import type { NamespaceWorld } from '../world.ts';

/** Ours, and those that `kubectl debug` names by itself. */
const helperName = /^(?:pitstop|debugger)-/;

/** KEP-277: an ephemeral container cannot be removed; while it runs it uses the Pod's memory. */
export function findRunningHelpers(world: NamespaceWorld): readonly Finding[] {
  return world.pods.flatMap((pod) => {
    if (hasRecord(pod) || pod.metadata?.deletionTimestamp) return [];
    return (pod.status?.ephemeralContainerStatuses ?? [])
      .filter(({ name, state }) => helperName.test(name) && state?.running)
      .map(({ name, state }) => ({
        name: 'helper-running' as const,
        severity: 'warning' as const,
        namespace: world.namespace,
        object: `pod/${nameOf(pod)}`,
        message: `its ephemeral container ${name} has been running since ${state?.running?.startedAt ?? '?'}; it counts to the Pod's memory until its program ends`,
        hint: `end its program from inside (never PID 1, which may be the application): kubectl attach -it ${nameOf(pod)} -n ${world.namespace} -c ${name}`,
      }));
  });
}
