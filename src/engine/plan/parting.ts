import { PitstopError } from '../errors.ts';
import type { Plan } from './plan.ts';
import type { SessionRequest } from './request.ts';

/** Whether a Pod may be deleted rather than brought home; see `Returning.deletes`. */
export type Deletes = 'never' | 'when-unwanted' | 'instead';

/** What `--keep` and `--when-unwanted` come to. */
export function deletesOf({
  keep,
  whenUnwanted,
}: Pick<SessionRequest, 'keep' | 'whenUnwanted'>): Deletes {
  if (keep === 'replacement') return 'instead';
  return whenUnwanted === 'delete' ? 'when-unwanted' : 'never';
}

/** Throws `no-replacement` when a replacement is to be kept that the plan's route does not start. */
export function refuseKeeping({ metadata, status }: Plan, { keep }: SessionRequest): void {
  if (keep !== 'replacement' || status.route.name === 'release') return;
  throw new PitstopError(
    'no-replacement',
    `pod ${metadata.namespace}/${metadata.name} leaves traffic by route ${status.route.name}, which starts no replacement to keep`,
    { hint: `--route=release --keep=replacement, or leave --keep out` },
  );
}
