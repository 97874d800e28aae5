import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Api } from '../../api.ts';
import type { Clock } from '../clock.ts';
import type { RecordEvent } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { type Annotations, sizeAnnotations } from './annotations.ts';
import { replicasOf } from './fenceposts.ts';
import type { Status } from './status.ts';
import { metaOf } from '../object-meta.ts';

export interface RolloutOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly recordEvent: RecordEvent;
  readonly deployment: Deployment;
}

/** One pass over one Deployment: writes to it and to its ReplicaSets, and knows their latest state. */
export class Rollout {
  readonly api: Api;
  readonly recordEvent: RecordEvent;
  readonly now: number;
  #deployment: Deployment;

  constructor({ api, clock, recordEvent, deployment }: RolloutOptions) {
    this.api = api;
    this.recordEvent = recordEvent;
    this.now = clock.now();
    this.#deployment = deployment;
  }

  get deployment(): Deployment {
    return this.#deployment;
  }

  /** Upstream writes the revision annotation through the status too: the generation does not move. */
  updateStatus(status: Status, annotations?: Annotations): void {
    const { metadata } = this.#deployment;
    const isSameStatus = isSemanticallyEqual(status, this.#deployment.status);
    if (isSameStatus && (!annotations || isSemanticallyEqual(annotations, metadata?.annotations))) {
      return;
    }
    this.#deployment = this.api.update<Deployment>(
      'deployments',
      {
        ...this.#deployment,
        metadata: { ...metadata, ...(annotations && { annotations }) },
        status,
      },
      { subresource: 'status', fieldManager: FIELD_MANAGER },
    );
  }

  /** Gives the ReplicaSet its new size and notes the Deployment's on it; returns it as it is then. */
  resize(set: ReplicaSet, replicas: number): ReplicaSet {
    const before = replicasOf(set);
    const annotations = { ...set.metadata?.annotations, ...sizeAnnotations(this.#deployment) };
    if (before === replicas && isSemanticallyEqual(annotations, set.metadata?.annotations)) {
      return set;
    }
    const resized = this.updateSet({
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { ...set.spec, replicas } as NonNullable<ReplicaSet['spec']>,
    });
    if (before !== replicas) {
      const direction = before < replicas ? 'up' : 'down';
      this.recordEvent(
        this.#deployment,
        'Normal',
        'ScalingReplicaSet',
        `Scaled ${direction} replica set ${metaOf(set).name} from ${before} to ${replicas}`,
      );
    }
    return resized;
  }

  updateSet(set: ReplicaSet): ReplicaSet {
    return this.api.update('replicasets', set, { fieldManager: FIELD_MANAGER });
  }
}
