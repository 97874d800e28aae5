import { formatSize } from '../../words.ts';
import type { Finding } from '../finding.ts';
import { sessionIds } from '../session-records.ts';
import type { World } from '../world.ts';

/** A dump cost a pause of the Pod: it is named, and thrown away only by who made it. */
export function findSessionFiles({ files, namespaces }: World): readonly Finding[] {
  const alive = new Set(namespaces.flatMap((world) => [...sessionIds(world)]));
  return files
    .filter(({ path }) => !alive.has(path.slice(path.lastIndexOf('/pitstop-') + 9)))
    .map(({ namespace, pod, container, path, sizeBytes }) => ({
      name: 'session-files' as const,
      severity: 'warning' as const,
      namespace,
      object: `pod/${pod}`,
      message: `a session has left ${path} in container ${container}: ${formatSize(sizeBytes)}, which count to the Pod's storage`,
      hint: `look: kubectl exec ${pod} -n ${namespace} -c ${container} -- ls -l ${path}; bring a file home: kubectl pitstop collect ${pod} ${path}/FILE -n ${namespace} -c ${container}; then: kubectl exec ${pod} -n ${namespace} -c ${container} -- rm -r ${path}`,
    }));
}
