import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../api.ts';
import { labelSelectorMatcher } from '../../store/index.ts';
import { claim } from '../controller-claims.ts';
import { eventRecorder } from '../event-recorder.ts';
import { SelectorIndex } from '../label-index.ts';
import { controllerOf, isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { isPodTerminal } from '../pod-status.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { findCondition, setCondition } from './conditions.ts';
import { isRollingUpdate } from './fenceposts.ts';
import { forgetOldRevisions } from './history.ts';
import { sortOut } from './newest-set.ts';
import { recreateStep } from './recreate.ts';
import { rollingUpdateStep } from './rolling-update.ts';
import { Rollout } from './rollout.ts';
import { isScalingEvent, scale } from './scale.ts';
import {
  countedStatus,
  hasDeadline,
  isComplete,
  msUntilDeadline,
  rolloutStatus,
  type Sets,
} from './status.ts';

/** Rolls each Deployment's template out over its ReplicaSets. */
export function deploymentController({ api, informers, clock }: ControllerContext): Controller {
  const deployments = informers.of('deployments');
  const sets = informers.of('replicasets');
  const pods = informers.of('pods');
  const setLabels = sets.labels();
  const podLabels = pods.labels();
  const setsByController = sets.byController();
  const selectingDeployments = new SelectorIndex(deployments, ({ spec }) => spec?.selector);
  const recordEvent = eventRecorder(api, clock, 'deployment-controller');

  return {
    name: 'deployment',
    watch(queue) {
      deployments.onChange(({ object }) => queue.add(queueKey(object)));
      sets.onChange(({ object, previous }) => {
        for (const state of [object, previous]) {
          const owner = state && ownerOf(state);
          if (owner) queue.add(queueKey(owner));
        }
        if (controllerOf(object) || isBeingDeleted(object)) return;
        const { namespace = '', labels } = metaOf(object);
        for (const deployment of selectingDeployments.selecting(namespace, labels)) {
          queue.add(queueKey(deployment));
        }
      });
      // Recreate waits for the last old Pod to be gone; no ReplicaSet tells it.
      pods.onChange(({ type, object }) => {
        if (type !== 'DELETED' && !isPodTerminal(object)) return;
        const deployment = deploymentOf(object);
        if (deployment && !isRollingUpdate(deployment)) queue.add(queueKey(deployment));
      });
    },
    reconcile(key) {
      const deployment = deployments.get(parseQueueKey(key));
      if (!deployment) return undefined;
      const rollout = new Rollout({ api, clock, recordEvent, deployment });
      if (isSelectingAll(deployment)) return refuse(rollout);
      const status = roll(rollout, claimSets(deployment));
      const wait = status && msUntilDeadline(rollout.deployment, status, rollout.now);
      // A second late: the times that it is measured from are whole seconds.
      return wait === undefined ? undefined : { requeueAfterMs: Math.max(0, wait) + 1000 };
    },
  };

  /** Returns the new status when a rollout was under way: its deadline runs. */
  function roll(rollout: Rollout, owned: readonly ReplicaSet[]): Deployment['status'] | undefined {
    const { deployment } = rollout;
    if (isBeingDeleted(deployment)) {
      report(rollout, sortOut(rollout, owned, { create: false }));
      return undefined;
    }
    notePause(rollout);
    if (deployment.spec?.paused || isScalingEvent(deployment, owned)) {
      const sets = scale(rollout, sortOut(rollout, owned, { create: false }));
      if (deployment.spec?.paused) forgetOldRevisions(rollout, sets);
      report(rollout, sets);
      return undefined;
    }
    const sets = isRollingUpdate(deployment)
      ? rollingUpdateStep(rollout, sortOut(rollout, owned, { create: true }))
      : recreateStep(rollout, owned, podsOf(deployment));
    if (isComplete(rollout.deployment, rollout.deployment.status))
      forgetOldRevisions(rollout, sets);
    const status = rolloutStatus(rollout.deployment, sets, rollout.now);
    rollout.updateStatus(status);
    return status;
  }

  function report(rollout: Rollout, sets: Sets): void {
    rollout.updateStatus(countedStatus(rollout.deployment, sets, rollout.now));
  }

  /** A pause stops the clock of the progress deadline. */
  function notePause(rollout: Rollout): void {
    const { deployment, now } = rollout;
    const conditions = deployment.status?.conditions ?? [];
    const current = findCondition(conditions, 'Progressing');
    if (!hasDeadline(deployment) || current?.reason === 'ProgressDeadlineExceeded') return;
    const isPaused = deployment.spec?.paused ?? false;
    if (isPaused === (current?.reason === 'DeploymentPaused')) return;
    const reason = isPaused ? 'DeploymentPaused' : 'DeploymentResumed';
    const message = isPaused ? 'Deployment is paused' : 'Deployment is resumed';
    rollout.updateStatus({
      ...deployment.status,
      conditions: setCondition(
        conditions,
        { type: 'Progressing', status: 'Unknown', reason, message },
        now,
      ),
    });
  }

  function refuse(rollout: Rollout): undefined {
    const { deployment } = rollout;
    recordEvent(
      deployment,
      'Warning',
      'SelectingAll',
      'This deployment is selecting all pods. A non-empty selector is required.',
    );
    const { generation } = metaOf(deployment);
    if (generation === undefined) return;
    rollout.updateStatus({ ...deployment.status, observedGeneration: generation });
  }

  function claimSets(deployment: Deployment): ReplicaSet[] {
    const { namespace = '', uid } = metaOf(deployment);
    const matches = labelSelectorMatcher(deployment.spec?.selector);
    const orphans = setLabels
      .select(namespace, deployment.spec?.selector)
      .filter((set) => !controllerOf(set));
    const claimed = claim([...setsByController.get(uid), ...orphans], {
      api,
      owner: deployment,
      resource: 'replicasets',
      matches: ({ metadata }) => matches(metadata?.labels),
    });
    // Adopting one has changed it.
    return claimed.flatMap((set) => sets.get(metaOf(set)) ?? []);
  }

  function podsOf(deployment: Deployment): Pod[] {
    return podLabels.select(metaOf(deployment).namespace ?? '', deployment.spec?.selector);
  }

  function deploymentOf(pod: Pod): Deployment | undefined {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'ReplicaSet') return undefined;
    const set = sets.get({ namespace: pod.metadata?.namespace, name: owner.name });
    return set && ownerOf(set);
  }

  function ownerOf(object: KubeObject): Deployment | undefined {
    const owner = controllerOf(object);
    if (owner?.kind !== 'Deployment') return undefined;
    const deployment = deployments.get({
      namespace: object.metadata?.namespace,
      name: owner.name,
    });
    return deployment?.metadata?.uid === owner.uid ? deployment : undefined;
  }
}

function isSelectingAll({ spec }: Deployment): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {};
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
