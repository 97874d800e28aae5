import { forbidEscalation } from '../auth/rbac/escalation.ts';
import type { PipelineContext, Write } from '../pipeline/context.ts';
import { resourceNamed } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { forbidden, notFound } from '../words.ts';
import { admitApproval, admitCertificateRequest } from './certificate-request.ts';
import { admitClaim, admitStorage } from './claim.ts';
import { admitPod } from './pod.ts';
import { admitPodSecurity } from './pod-security.ts';
import { admitWithinQuota } from './quota.ts';
import { admitServiceAccount } from './service-account.ts';

/** The plugins that every default installation runs on a create; changes the draft or throws 403 or 404. */
export function admitCreate(
  context: PipelineContext,
  resource: Resource,
  draft: Draft,
  write: Write,
): void {
  if (resource.namespaced) requireLivingNamespace(context, resource, draft);
  if (write.grantor) forbidEscalation(write.grantor, resource, { draft });
  if (resource.plural === CERTIFICATE_REQUESTS) admitCertificateRequest(resource, draft, write);
  if (resource.plural === 'pods') {
    admitPod(context.store, resource, draft);
    admitServiceAccount(context.store, resource, draft);
    admitPodSecurity(context.store, resource, draft);
  }
  admitStorage(resource.plural, draft);
  if (resource.plural === 'persistentvolumeclaims') admitClaim(context.store, draft);
  // Last, as upstream: it counts the object as the others have made it.
  if (resource.namespaced) admitWithinQuota(context.store, resource, draft);
}

interface Update {
  readonly resource: Resource;
  readonly draft: Draft;
  readonly previous: Draft;
  readonly write: Write;
}

/** The same for an update, a patch or an apply. */
export function admitUpdate(
  context: PipelineContext,
  { resource, draft, previous, write }: Update,
): void {
  if (write.grantor) forbidEscalation(write.grantor, resource, { draft, previous });
  if (resource.plural === CERTIFICATE_REQUESTS && write.subresource === 'approval') {
    admitApproval(resource, previous, write);
  }
  // Nothing else of a Pod that exists can change what it may do.
  if (resource.plural === 'pods' && write.subresource === 'ephemeralcontainers') {
    admitPodSecurity(context.store, resource, draft);
  }
}

const CERTIFICATE_REQUESTS = 'certificatesigningrequests';

const NAMESPACES = resourceNamed('namespaces');

// NamespaceLifecycle: nothing new in a namespace that is not there or on its way out.
function requireLivingNamespace(
  context: PipelineContext,
  resource: Resource,
  { metadata }: Draft,
): void {
  const name = metadata.namespace ?? '';
  const namespace = context.store.collection('namespaces').get(name)?.object;
  if (!namespace) throw notFound(NAMESPACES, name);
  if (!namespace.metadata?.deletionTimestamp) return;
  throw forbidden(
    resource,
    // Upstream has not made a name of it yet.
    metadata.generateName ?? metadata.name ?? '',
    `unable to create new content in namespace ${name} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${name} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
}

const IMMORTAL_NAMESPACES = new Set(['default', 'kube-system', 'kube-public']);

export function admitDelete(resource: Resource, name: string): void {
  if (resource.plural === 'namespaces' && IMMORTAL_NAMESPACES.has(name)) {
    throw forbidden(resource, name, 'this namespace may not be deleted');
  }
}
