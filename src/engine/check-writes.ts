import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError, type Kube } from '../kube/index.ts';
import { PitstopError } from './errors.ts';
import type { CheckedWrite, Plan } from './plan/plan.ts';
import { entryWrites } from './routes/handmade/entries.ts';
import { routes } from './routes/index.ts';
import type { Write } from './routes/route.ts';
import { send } from './routes/send.ts';
import { newRecord, newSession } from './session/prepare.ts';
import { describeError } from './session/session-log.ts';

const singular = {
  pods: 'pod',
  services: 'service',
  endpointslices: 'endpointslice',
  endpoints: 'endpoints',
} as const;

/**
 * Sends every write of the plan with dryRun=All, so that admission, validation and permissions have
 * their say, and nothing is kept. Throws `cluster` with all that the server refuses.
 */
export async function checkWrites(
  kube: Kube,
  pod: Pod,
  plan: Plan,
  signal?: AbortSignal,
): Promise<readonly CheckedWrite[]> {
  const record = newRecord(kube, { pod, plan }, newSession(plan, plan.status.diagnostic));
  const writes = [
    ...routes[plan.status.route.name].writes({ pod, plan, record }),
    ...(await entryWrites(kube, pod, record, signal)),
  ];
  const checked: CheckedWrite[] = [];
  const refused: { readonly object: string; readonly error: unknown }[] = [];
  for (const write of writes) {
    signal?.throwIfAborted();
    const object = objectOf(write);
    try {
      await send(kube, write, { dryRun: true });
      checked.push({ object, verdict: 'accepted' });
    } catch (error) {
      const message = whyUnchecked(error, plan);
      if (message) {
        checked.push({ object, verdict: 'unchecked', message });
      } else {
        refused.push({ object, error });
      }
    }
  }
  const [first] = refused;
  if (!first) return checked;
  const { namespace } = plan.metadata;
  throw new PitstopError(
    'cluster',
    refused
      .map(
        ({ object, error }) =>
          `the server refuses the write of ${object} in namespace ${namespace}: ${describeError(error).message}`,
      )
      .join('\n'),
    {
      hint:
        describeError(first.error).hint ?? `kubectl get ${first.object} -n ${namespace} -o yaml`,
      cause: first.error,
    },
  );
}

function objectOf({ reference, subresource }: Write): string {
  const kind = singular[reference.resource as keyof typeof singular] ?? reference.resource;
  return `${kind}/${reference.name}${subresource ? ` (${subresource})` : ''}`;
}

/** Where the refusal says nothing new of the write itself: why. */
function whyUnchecked(error: unknown, { status }: Plan): string | undefined {
  if (!(error instanceof KubeError)) return undefined;
  // k/k#66936: a webhook whose side effects are not known to be none is not asked, hence nothing is.
  if (error.status === 400 && error.message.includes('does not support dry run')) {
    return `${error.message}; that the user may write it was asked by SelfSubjectAccessReview`;
  }
  const isKnown = status.interlocks.some(({ name }) => name === 'rbac');
  return error.code === 'forbidden' && isKnown ? `${error.message} (interlock rbac)` : undefined;
}
