import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Api } from '../api.ts';
import { timestamp } from './clock.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { metaOf } from './object-meta.ts';

export interface Disruption {
  readonly reason: string;
  readonly message: string;
  readonly now: number;
  /** Of a Pod whose kubelet will never say how it ended. */
  readonly phase?: 'Failed';
}

// KEP-3329: whoever looks at the Pod afterwards can tell a disruption from a crash.
export function markDisrupted(
  api: Api,
  pod: Pod,
  { reason, message, now, phase }: Disruption,
): void {
  const { namespace, name, uid } = metaOf(pod);
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason,
    message,
    lastTransitionTime: timestamp(now),
  };
  api.patch(
    'pods',
    { namespace, name },
    { metadata: { uid }, status: { ...(phase && { phase }), conditions: [condition] } },
    { type: 'strategic', subresource: 'status', fieldManager: FIELD_MANAGER },
  );
}
