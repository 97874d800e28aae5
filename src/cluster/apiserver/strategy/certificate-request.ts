import type {
  CertificateSigningRequestCondition,
  CertificateSigningRequestStatus,
} from 'kubernetes-types/certificates/v1.js';
import { timestamp } from '../pipeline/context.ts';
import type { Draft, Strategy } from './strategy.ts';

const DECISIONS: ReadonlySet<string> = new Set(['Approved', 'Denied']);

/** A request is never changed: `approval` decides about it, `status` carries what came of it. */
export const certificateRequestStrategy: Strategy = {
  initialStatus: () => ({}),
  prepareForUpdate(draft, previous, { subresource, now }) {
    draft.spec = previous.spec ?? {};
    if (subresource !== 'approval' && subresource !== 'status') return;
    const [before, after] = [statusOf(previous), statusOf(draft)];
    const isApproval = subresource === 'approval';
    // A decision is only made by `approval`, which may say other things besides.
    const isKept = ({ type }: CertificateSigningRequestCondition) =>
      !isApproval && DECISIONS.has(type);
    const conditions = [
      ...(before.conditions ?? []).filter(isKept),
      ...(after.conditions ?? []).filter((condition) => !isKept(condition)),
    ].map((condition) => ({
      ...condition,
      status: condition.status || 'True',
      lastUpdateTime: condition.lastUpdateTime ?? timestamp(now()),
      lastTransitionTime: condition.lastTransitionTime ?? timestamp(now()),
    }));
    const { certificate } = isApproval ? before : after;
    draft.status = {
      ...(certificate !== undefined && { certificate }),
      ...(conditions.length > 0 && { conditions }),
    };
  },
};

function statusOf({ status }: Draft): CertificateSigningRequestStatus {
  return status ?? {};
}
