import type { Pod } from 'kubernetes-types/core/v1.js';
import type { ObjectReference } from '../../kube/index.ts';
import type { PitstopError } from '../errors.ts';
import type { Deletes } from '../plan/parting.ts';
import type { Plan } from '../plan/plan.ts';
import type { UndoRecord } from '../session/record.ts';
import type { Stop } from '../steps/stop.ts';

/** One patch as it is sent: also with dryRun=All, before anything is touched. */
export interface Write {
  readonly reference: ObjectReference;
  readonly subresource?: 'status';
  readonly type: 'merge' | 'json' | 'strategic';
  readonly patch: unknown;
}

/** What a route takes a Pod out with. */
export interface Leaving {
  /** As the plan saw it: its uid and resourceVersion are the precondition of the first write. */
  readonly pod: Pod;
  readonly plan: Plan;
  readonly record: UndoRecord;
  /** Called as soon as the Pod is out, and also before an error is thrown if it may be. */
  readonly onOut: () => void;
  readonly onWarning: (message: string) => void;
}

export interface Returning {
  readonly timeoutMs: number;
  /**
   * Whether the Pod may be deleted rather than brought home: `when-unwanted`, if its owner would not
   * keep it (a rollout, a scale-down); `instead`, so that the replacement stays. Route `release` only.
   */
  readonly deletes: Deletes;
  readonly onProgress: (message: string) => void;
  readonly onWarning: (message: string) => void;
  /** The Pod is back: the restoring write was acknowledged, or seen to have been done by another. */
  readonly onBack: () => void;
  /** The Pod was deleted, as `deletes` allowed. */
  readonly onDismissed: () => void;
}

export type Home =
  | {
      readonly pod: Pod;
      /** Route `release`: the replacement that the owner removed. */
      readonly removed?: string | undefined;
      readonly dismissed?: false;
    }
  /** The Pod was deleted; `pod` is the replacement that stands in for it, if it has one. */
  | { readonly pod: Pod | undefined; readonly dismissed: true };

/**
 * How one route takes a Pod out of traffic and brings it home. Each write leaves a state from which
 * `restore`, run again by anybody anywhere, goes on from the records on the objects alone.
 */
export interface Route {
  /** The writes that take the Pod out, in their order, as of the plan. */
  writes(leaving: Pick<Leaving, 'pod' | 'plan' | 'record'>): readonly Write[];
  /**
   * Takes the Pod out. What has to go on as long as it is out (route `selector` stands in for the
   * controllers) goes into `held`, which the session disposes of before the way home.
   */
  isolate(stop: Stop, leaving: Leaving, held: AsyncDisposableStack): Promise<void>;
  /** What was written still holds; else what somebody put back, in words. For the drift watch. */
  undone(pod: Pod, record: UndoRecord): string | undefined;
  /** Follows, until the stop's signal, what the route has changed besides the Pod, and reports who undoes it. */
  watch?(stop: Stop, record: UndoRecord, report: (error: PitstopError) => void): Promise<void>;
  /** Of a Pod that is no more: puts right what the route has changed besides it. */
  abandon?(
    stop: Stop,
    record: UndoRecord,
    podUid: string,
    options: Pick<Returning, 'timeoutMs' | 'onProgress' | 'onWarning'>,
  ): Promise<void>;
  /**
   * Whether `restore` would bring the Pod home, and not part with it; throws where it has to stay out.
   * Asked before anything else is put back.
   */
  returns?(stop: Stop, pod: Pod, record: UndoRecord, returning: Returning): Promise<boolean>;
  /** Brings the Pod home from its record; what another has done already is not done again. */
  restore(stop: Stop, pod: Pod, record: UndoRecord, returning: Returning): Promise<Home>;
}
