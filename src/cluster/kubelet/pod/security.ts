import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import type { Image } from '../images.ts';
import type { Security } from '../runtime/runtime.ts';
import { ConfigError } from './config-error.ts';
import type { NodeContext, SayLimit } from './pod-context.ts';

/** What a container may do: its own securityContext, then the Pod's, then the image's user. */
export function securityOf(
  container: Container,
  { pod, image }: { readonly pod: Pod; readonly image: Image },
): Security {
  const own = container.securityContext ?? {};
  const shared = pod.spec?.securityContext ?? {};
  const [imageUid, imageGid] = (image.user ?? '').split(':');
  const uid = own.runAsUser ?? shared.runAsUser ?? numberOf(imageUid);
  const gid = own.runAsGroup ?? shared.runAsGroup ?? numberOf(imageGid);
  checkNonRoot(own.runAsUser ?? shared.runAsUser, { container, pod, imageUid: numberOf(imageUid) });
  const groups = [
    ...(shared.supplementalGroups ?? []),
    ...(shared.fsGroup === undefined ? [] : [shared.fsGroup]),
  ];
  return {
    uid,
    gid,
    groups: [...new Set(groups)],
    privileged: own.privileged ?? false,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    readOnlyRoot: own.readOnlyRootFilesystem ?? false,
  };
}

function checkNonRoot(
  runAsUser: number | undefined,
  of: {
    readonly container: Container;
    readonly pod: Pod;
    readonly imageUid: number | undefined;
  },
): void {
  const { container, pod, imageUid } = of;
  const wanted =
    container.securityContext?.runAsNonRoot ?? pod.spec?.securityContext?.runAsNonRoot ?? false;
  if (!wanted) return;
  const { name, namespace, uid } = pod.metadata ?? {};
  const where = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`;
  if (runAsUser === 0)
    throw new ConfigError(`container's runAsUser breaks non-root policy ${where}`);
  if (runAsUser === undefined && (imageUid ?? 0) === 0)
    throw new ConfigError(`container has runAsNonRoot and image will run as root ${where}`);
}

/** Tells what this level cannot do of it, once a Pod. */
export function sayUnsecured(
  security: Security,
  { node, sayLimit }: { readonly node: NodeContext; readonly sayLimit: SayLimit },
): void {
  const { level } = node.runtime;
  if (level === 'namespaces') return;
  if (security.uid || security.gid || security.groups.length > 0)
    sayLimit(
      'user',
      `runAsUser, runAsGroup and groups are not applied at isolation level ${level}: everything runs as the user who started the cluster`,
    );
  if (level === 'user') return;
  if (security.readOnlyRoot)
    sayLimit(
      'root',
      `readOnlyRootFilesystem is not applied at isolation level ${level}: containers see the files of this machine`,
    );
  if (security.addCapabilities.length + security.dropCapabilities.length > 0)
    sayLimit('capabilities', `capabilities are not changed at isolation level ${level}`);
  if (security.noNewPrivileges)
    sayLimit('escalation', `allowPrivilegeEscalation is not applied at isolation level ${level}`);
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
