import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { isAlreadyExists, isNotFound, messageOf } from '../api-errors.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { metaOf } from '../object-meta.ts';
import type { PodControl } from '../pod-control.ts';
import { ClaimControl } from './claims.ts';
import { ordinalOf } from './identity.ts';

/** Creates, relabels and deletes the Pods of one StatefulSet, and says so in its Events. */
export class MemberControl {
  readonly claims: ClaimControl;
  readonly #set: StatefulSet;
  readonly #control: PodControl;

  constructor(set: StatefulSet, control: PodControl) {
    this.#set = set;
    this.#control = control;
    this.claims = new ClaimControl(set, control);
  }

  /** Throws AlreadyExists, without an Event, where a Pod that is no member holds the name (C15). */
  create(pod: Pod): void {
    this.claims.create(pod, ordinalOf(pod));
    this.#attempt('Create', pod, () => {
      this.#control.api.create('pods', pod, { fieldManager: FIELD_MANAGER });
    });
  }

  relabel(pod: Pod, labels: Readonly<Record<string, string>>): void {
    this.#attempt('Update', pod, () => {
      const { namespace, name, uid } = metaOf(pod);
      this.#control.api.patch(
        'pods',
        { namespace, name },
        { metadata: { labels, uid } },
        { type: 'merge', fieldManager: FIELD_MANAGER },
      );
    });
  }

  delete(pod: Pod): void {
    this.#attempt('Delete', pod, () => {
      const { namespace, name, uid } = metaOf(pod);
      this.#control.api.delete('pods', { namespace, name }, { preconditions: { uid } });
    });
  }

  #attempt(verb: 'Create' | 'Update' | 'Delete', pod: Pod, act: () => void): void {
    const what = `${verb.toLowerCase()} Pod ${metaOf(pod).name} in StatefulSet ${metaOf(this.#set).name}`;
    const { recordEvent } = this.#control;
    try {
      act();
      recordEvent(this.#set, 'Normal', `Successful${verb}`, `${what} successful`);
    } catch (error) {
      if (isNotFound(error) && verb === 'Delete') return;
      if (!isAlreadyExists(error)) {
        const message = `${what} failed error: ${messageOf(error)}`;
        recordEvent(this.#set, 'Warning', `Failed${verb}`, message);
      }
      throw error;
    }
  }
}
