import { recordAnnotation } from '../../annotations.ts';
import { podObject, type Circumstances, type Finding } from './finding.ts';

/** Other sessions: on the Pod, or on a Service whose selector route one has taken away. */
export function findSessionInterlocks({ snapshot, services, route }: Circumstances): Finding[] {
  const { pod } = snapshot;
  const { name, namespace } = pod.metadata ?? {};
  const found: Finding[] = [];
  const record = pod.metadata?.annotations?.[recordAnnotation];
  if (record !== undefined) {
    found.push({
      name: 'session-exists',
      object: podObject(snapshot),
      message: `${describeRecord(record)} holds the Pod, or left it out; restore it first`,
      hint: `kubectl pitstop restore ${name} -n ${namespace}`,
    });
  }
  // Sessions of route selector share a Service; to any other route its slices are frozen.
  if (route === 'selector') return found;
  for (const service of snapshot.services) {
    const taken = service.metadata?.annotations?.[recordAnnotation];
    if (taken === undefined) continue;
    if (!services.some((each) => each.name === service.metadata?.name)) continue;
    found.push({
      name: 'session-exists',
      object: `service/${service.metadata?.name}`,
      message: `another session has its selector (route selector): route ${route} would change nothing there`,
      hint: '--route=selector shares the Service with that session',
    });
  }
  return found;
}

/** In the words of the record; one that cannot be read still holds the Pod. */
function describeRecord(text: string): string {
  try {
    const { id, by, startedAt, deadline } = JSON.parse(text) as Record<string, unknown>;
    if (typeof id !== 'string') return 'another session';
    const until = typeof deadline === 'string' ? `, until ${deadline}` : '';
    return `another session (${id} by ${String(by)}, since ${String(startedAt)}${until})`;
  } catch {
    return 'another session (whose record cannot be read)';
  }
}
