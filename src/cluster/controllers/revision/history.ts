import type { ControllerRevision, DaemonSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import { labelSelectorMatcher } from '../../store/index.ts';
import { isAlreadyExists, isNotFound } from '../api-errors.ts';
import { claim } from '../controller-claims.ts';
import { templateHash } from '../deployment/template-hash.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { controllerOf, controllerReference, metaOf } from '../object-meta.ts';
import type { ControllerContext, Queue } from '../runner.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { revisionData, templateOf } from './data.ts';

type Owner = StatefulSet | DaemonSet;

/** The label of a Pod that says which revision it was made from. */
export const REVISION_LABEL = 'controller-revision-hash';

export interface History {
  /** The revision of the template as it is now. */
  readonly update: ControllerRevision;
  /** The other ones, oldest first. */
  readonly old: readonly ControllerRevision[];
  /** How many hashes were found taken by another template; for the owner's status. */
  readonly collisionCount: number | undefined;
}

/** Keeps the ControllerRevisions of one kind of workload. */
export function revisionHistory(
  { api, informers }: ControllerContext,
  {
    kind,
    hashLabel,
  }: {
    readonly kind: string;
    /** Under which label a revision carries its own hash. */
    readonly hashLabel: string;
  },
) {
  const revisions = informers.of('controllerrevisions');
  const labels = revisions.labels();
  const byController = revisions.byController();

  return {
    /** Queues the owner of a revision that somebody changed or deleted. */
    watch(queue: Queue): void {
      revisions.onChange(({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === kind) queue.add(`${object.metadata?.namespace}/${owner.name}`);
      });
    },

    /** Makes the template's revision the newest one: finds it, numbers it anew, or creates it. */
    sync(owner: Owner): History {
      const known = claimRevisions(owner).sort((a, b) => a.revision - b.revision);
      const template = owner.spec?.template;
      const equal = known.findLast((each) => isSemanticallyEqual(templateOf(each), template));
      const newest = known.at(-1)?.revision ?? 0;
      if (!equal) return { ...create(owner, newest + 1), old: known };
      const update = equal.revision === newest ? equal : renumber(equal, newest + 1);
      const { collisionCount } = owner.status ?? {};
      return { update, old: known.filter((each) => each !== equal), collisionCount };
    },

    /** Deletes the oldest ones beyond the limit, but none that is live. */
    forget(
      old: readonly ControllerRevision[],
      {
        limit,
        isLive,
      }: {
        readonly limit: number;
        readonly isLive: (revision: ControllerRevision) => boolean;
      },
    ): void {
      const surplus = Math.max(0, old.length - limit);
      for (const revision of old.filter((each) => !isLive(each)).slice(0, surplus)) {
        const { namespace, name, uid } = metaOf(revision);
        try {
          api.delete('controllerrevisions', { namespace, name }, { preconditions: { uid } });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      }
    },
  };

  function claimRevisions(owner: Owner): ControllerRevision[] {
    const { namespace = '', uid } = metaOf(owner);
    const matches = labelSelectorMatcher(owner.spec?.selector);
    const orphans = labels
      .select(namespace, owner.spec?.selector)
      .filter((revision) => !controllerOf(revision));
    claim([...byController.get(uid), ...orphans], {
      api,
      owner,
      resource: 'controllerrevisions',
      matches: ({ metadata }) => matches(metadata?.labels),
    });
    return [...byController.get(uid)];
  }

  /** A rollback: what was once is the newest now. */
  function renumber(revision: ControllerRevision, number: number): ControllerRevision {
    return api.update(
      'controllerrevisions',
      { ...revision, revision: number },
      { fieldManager: FIELD_MANAGER },
    );
  }

  function create(owner: Owner, revision: number): Omit<History, 'old'> {
    const { namespace = '', name, annotations } = metaOf(owner);
    const template = owner.spec?.template ?? {};
    const data = revisionData(template);
    for (
      let { collisionCount } = owner.status ?? {};
      ;
      collisionCount = (collisionCount ?? 0) + 1
    ) {
      const hash = templateHash(template, collisionCount || undefined);
      const key = { namespace, name: `${name.slice(0, MAX_PREFIX_LENGTH)}-${hash}` };
      try {
        const update = api.create<ControllerRevision>(
          'controllerrevisions',
          {
            apiVersion: 'apps/v1',
            kind: 'ControllerRevision',
            metadata: {
              ...key,
              labels: { ...template.metadata?.labels, [hashLabel]: hash },
              ...(annotations && { annotations }),
              ownerReferences: [controllerReference(owner)],
            },
            data,
            revision,
          },
          { fieldManager: FIELD_MANAGER },
        );
        return { update, collisionCount };
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
  }
}

/** What leaves room for a hash in a name. */
const MAX_PREFIX_LENGTH = 223;
