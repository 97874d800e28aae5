import type { Node, NodeCondition, Pod } from 'kubernetes-types/core/v1.js';
import { isConflict, isNotFound } from '../api-errors.ts';
import { timestamp } from '../clock.ts';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { metaOf } from '../object-meta.ts';
import { isPodReady } from '../pod-status.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { Heartbeats } from './heartbeats.ts';
import { taintsFor } from './taints.ts';

/** What nobody knows any more of a node that is not heard of. */
const CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** Marks nodes that are not heard of, taints those that are not well, and takes their Pods' readiness. */
export function nodeLifecycleController({ api, informers, clock }: ControllerContext): Controller {
  const nodes = informers.of('nodes');
  const pods = informers.of('pods');
  const podsByNode = pods.index(({ spec }) => (spec?.nodeName ? [spec.nodeName] : []));
  const recordEvent = eventRecorder(api, clock, 'node-controller');
  const heartbeats = new Heartbeats(clock, { nodes, leases: informers.of('leases') });

  return {
    name: 'node-lifecycle',
    watch(queue) {
      nodes.onChange(({ type, object, previous }) => {
        if (type === 'DELETED') return;
        if (!previous || !isSemanticallyEqual(wellBeing(object), wellBeing(previous))) {
          queue.add(metaOf(object).name);
        }
        // Where its Pods could go is a question of all the others.
        if (!previous || isReady(object) === isReady(previous)) return;
        for (const other of nodes.all()) queue.add(metaOf(other).name);
      });
    },
    reconcile(name) {
      const node = nodes.get({ name });
      if (!node) return undefined;
      const wait = heartbeats.msUntilLost(name);
      const current = wait === 0 ? markLost(node) : node;
      if (wait === 0) heartbeats.stopWaiting(name);
      if (!isReady(current) && readyOf(current)) takeReadiness(current);
      taint(current);
      return { requeueAfterMs: wait === 0 ? LOST_CHECK_MS : wait };
    },
  };

  function markLost(node: Node): Node {
    const { name, creationTimestamp = '' } = metaOf(node);
    const now = timestamp(clock.now());
    const before = node.status?.conditions ?? [];
    const unknown = CONDITIONS.map((type): NodeCondition => {
      const known = before.find((condition) => condition.type === type);
      if (known?.status === 'Unknown') return known;
      return {
        type,
        status: 'Unknown',
        lastHeartbeatTime: known?.lastHeartbeatTime ?? creationTimestamp,
        lastTransitionTime: now,
        reason: known ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
        message: known
          ? 'Kubelet stopped posting node status.'
          : 'Kubelet never posted node status.',
      };
    });
    const conditions = [
      ...before.map(
        (condition) => unknown.find(({ type }) => type === condition.type) ?? condition,
      ),
      ...unknown.filter(({ type }) => !before.some((condition) => condition.type === type)),
    ];
    if (isSemanticallyEqual(conditions, before)) return node;
    const marked = api.update<Node>(
      'nodes',
      { ...node, status: { ...node.status, conditions } },
      { subresource: 'status', fieldManager: FIELD_MANAGER },
    );
    if (isReady(node)) {
      recordEvent(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    }
    return marked;
  }

  /** What runs there cannot be told any more: its Services must not count on it. */
  function takeReadiness(node: Node): void {
    for (const pod of podsByNode.get(metaOf(node).name)) {
      if (isPodReady(pod)) markNotReady(pod);
    }
  }

  function markNotReady(pod: Pod): void {
    const { namespace, name, uid } = metaOf(pod);
    const lastTransitionTime = timestamp(clock.now());
    const ready = { type: 'Ready', status: 'False', lastTransitionTime };
    try {
      api.patch(
        'pods',
        { namespace, name },
        { metadata: { uid }, status: { conditions: [ready] } },
        { type: 'strategic', subresource: 'status', fieldManager: FIELD_MANAGER },
      );
      recordEvent(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  function taint(node: Node): void {
    const evicts = [...nodes.all()].some(isReady);
    const taints = taintsFor(node, { evicts, now: clock.now() });
    const before = node.spec?.taints ?? [];
    if (taints === before || taints.length + before.length === 0) return;
    const { name, resourceVersion } = metaOf(node);
    // The list is replaced whole, hence the precondition.
    api.patch(
      'nodes',
      { name },
      { metadata: { resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } },
      { type: 'merge', fieldManager: FIELD_MANAGER },
    );
  }
}

/** node-monitor-period: how often upstream looks; here only at nodes that are lost. */
const LOST_CHECK_MS = 5_000;

function isReady(node: Node): boolean {
  return readyOf(node)?.status === 'True';
}

function readyOf({ status }: Node): NodeCondition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

/** All of a node but its heartbeats that this controller acts upon. */
function wellBeing({ spec, status }: Node): unknown {
  return [spec, (status?.conditions ?? []).map(({ type, status: value }) => [type, value])];
}
