import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { PersistentVolumeClaim, Pod, Volume } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../api.ts';
import { messageOf } from '../api-errors.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { controllerReference, metaOf } from '../object-meta.ts';
import type { PodControl } from '../pod-control.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';

/** Gives the members of one StatefulSet their storage, which outlives them unless it is told otherwise. */
export class ClaimControl {
  readonly #set: StatefulSet;
  readonly #control: PodControl;

  constructor(set: StatefulSet, control: PodControl) {
    this.#set = set;
    this.#control = control;
  }

  /** Creates the claims that the Pod's volumes name and that are not there yet. */
  create(pod: Pod, ordinal: number): void {
    const { api, recordEvent } = this.#control;
    const [podName, setName] = [metaOf(pod).name, metaOf(this.#set).name];
    for (const claim of this.#claimsOf(ordinal)) {
      const key = metaOf(claim);
      if (api.get('persistentvolumeclaims', key)) continue;
      try {
        api.create('persistentvolumeclaims', claim, { fieldManager: FIELD_MANAGER });
      } catch (error) {
        const message = `create Claim ${key.name} for Pod ${podName} in StatefulSet ${setName} failed error: ${messageOf(error)}`;
        recordEvent(this.#set, 'Warning', 'FailedCreate', message);
        throw error;
      }
      const message = `create Claim ${key.name} Pod ${podName} in StatefulSet ${setName} success`;
      recordEvent(this.#set, 'Normal', 'SuccessfulCreate', message);
    }
  }

  /** KEP-1847: who owns the member's claims, and so takes them along. */
  own(ordinal: number, condemned: Pod | undefined): void {
    const { whenDeleted = 'Retain', whenScaled = 'Retain' } =
      (this.#set.spec as RetentionSpec).persistentVolumeClaimRetentionPolicy ?? {};
    const kept = whenDeleted === 'Delete' ? this.#set : undefined;
    const owner = condemned && whenScaled === 'Delete' ? condemned : kept;
    for (const claim of this.#claimsOf(ordinal)) this.#giveTo(claim, owner);
  }

  #giveTo(claim: PersistentVolumeClaim, owner: KubeObject | undefined): void {
    const { api } = this.#control;
    const { namespace, name } = metaOf(claim);
    const live = api.get<PersistentVolumeClaim>('persistentvolumeclaims', { namespace, name });
    if (!live) return;
    const before = live.metadata?.ownerReferences ?? [];
    const foreign = before.filter(({ kind, name: holder, uid }) => {
      const isMember = kind === 'Pod' && name.endsWith(`-${holder}`);
      return !isMember && uid !== this.#set.metadata?.uid;
    });
    const ownerReferences = owner
      ? [
          ...foreign,
          { ...controllerReference(owner), apiVersion: owner.kind === 'Pod' ? 'v1' : 'apps/v1' },
        ]
      : foreign;
    if (isSemanticallyEqual(ownerReferences, before)) return;
    const { uid, resourceVersion } = metaOf(live);
    api.patch(
      'persistentvolumeclaims',
      { namespace, name },
      { metadata: { uid, resourceVersion, ownerReferences } },
      { type: 'merge', fieldManager: FIELD_MANAGER },
    );
  }

  #claimsOf(ordinal: number): PersistentVolumeClaim[] {
    const { namespace = '' } = metaOf(this.#set);
    return (this.#set.spec?.volumeClaimTemplates ?? []).map((template) => ({
      ...template,
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        ...template.metadata,
        namespace,
        name: claimName(this.#set, metaOf(template).name, ordinal),
        labels: { ...template.metadata?.labels, ...this.#set.spec?.selector.matchLabels },
      },
      status: {},
    }));
  }
}

/** Newer than the types. */
interface RetentionSpec {
  readonly persistentVolumeClaimRetentionPolicy?: {
    readonly whenDeleted?: 'Retain' | 'Delete';
    readonly whenScaled?: 'Retain' | 'Delete';
  };
}

/** The volumes of a member: those of its claims in the place of their namesakes. */
export function memberVolumes(
  set: StatefulSet,
  ordinal: number,
  volumes: readonly Volume[],
): Volume[] {
  const claims = (set.spec?.volumeClaimTemplates ?? []).map((template): Volume => {
    const { name } = metaOf(template);
    return { name, persistentVolumeClaim: { claimName: claimName(set, name, ordinal) } };
  });
  const names = new Set(claims.map(({ name }) => name));
  return [...claims, ...volumes.filter(({ name }) => !names.has(name))];
}

function claimName(set: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${metaOf(set).name}-${ordinal}`;
}
