import type { ContainerStatus } from 'kubernetes-types/core/v1.js';
import { isReady } from '../is-ready.ts';
import { podObject, type Circumstances, type Finding } from './finding.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** What the Pod itself says against a stop. */
export function findPodInterlocks(circumstances: Circumstances): readonly Finding[] {
  const { snapshot } = circumstances;
  const { pod } = snapshot;
  const { metadata, spec, status } = pod;
  const object = podObject(snapshot);
  const namespace = metadata?.namespace;
  const found: Finding[] = [];
  if (metadata?.deletionTimestamp) {
    found.push({
      name: 'terminating',
      object,
      message: `the Pod is being deleted (since ${metadata.deletionTimestamp})`,
      hint: `choose another: kubectl get pods -n ${namespace}`,
    });
  }
  if (metadata?.annotations?.[mirrorAnnotation] !== undefined) {
    found.push({
      name: 'static-pod',
      object,
      message: `the Pod is a mirror of a static Pod of node ${spec?.nodeName}: the kubelet may write it anew, without labels and undo record of the session`,
      hint: `kubectl get pod ${metadata.name} -n ${namespace} -o jsonpath='{.metadata.annotations}'`,
    });
  }
  const stopped = notRunning(circumstances);
  if (stopped) found.push(stopped);
  if (!isReady(status?.conditions)) {
    const why = status?.conditions?.find(({ type }) => type === 'Ready');
    const reason = why?.message ?? why?.reason;
    found.push({
      name: 'not-ready',
      object,
      message: `the Pod is not Ready${reason ? ` (${reason})` : ''}, so its way back could not be proven`,
      hint: `kubectl describe pod ${metadata?.name} -n ${namespace}`,
    });
  }
  if (spec?.hostNetwork) {
    found.push({
      name: 'host-network',
      object,
      message: `the Pod uses the network of node ${spec.nodeName}: it stays reachable at ${status?.hostIP ?? "the node's address"}, and sockets of the node's other processes on its ports count as its own`,
    });
  }
  return found;
}

function notRunning({ snapshot, container, runsDiagnostic }: Circumstances): Finding | undefined {
  const { pod } = snapshot;
  const { name, namespace } = pod.metadata ?? {};
  const statuses = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ];
  const status = statuses.find((each) => each.name === container);
  if (!status?.state || status.state.running) return undefined;
  return {
    name: 'not-running',
    object: podObject(snapshot),
    message: `container ${container} does not run: ${describeState(status)}`,
    hint: `kubectl logs ${name} -n ${namespace} -c ${container}${status.restartCount > 0 ? ' --previous' : ''}`,
    ...(runsDiagnostic && { final: 'nothing can be run in it' }),
  };
}

function describeState({ state, lastState, restartCount }: ContainerStatus): string {
  const ended = state?.terminated ?? lastState?.terminated;
  const words = [
    state?.waiting?.reason ?? state?.terminated?.reason ?? 'not started',
    ...(ended ? [`last exit code ${ended.exitCode}`] : []),
    ...(restartCount > 0 ? [`${restartCount} restarts`] : []),
  ];
  return words.join(', ');
}
