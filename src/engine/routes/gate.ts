import type { Pod } from 'kubernetes-types/core/v1.js';
import { recordAnnotation } from '../annotations.ts';
import { encodeRecord, hasRecord, type UndoRecord } from '../session/record.ts';
import { conditionOf, podWrite } from './pod-write.ts';
import { areLabelsBack, relabel } from './relabel.ts';
import type { Leaving, Route, Write } from './route.ts';
import { writeHome } from './write-home.ts';
import { writeOut } from './write-out.ts';

/** The Pod's readiness gate is shut, and opened again; labels may go in the same two patches. */
export const gate: Route = {
  writes: gateWrites,
  isolate: (stop, leaving) => writeOut(stop, leaving, gateWrites(leaving)[0]!),
  undone: (pod, record) => relabel.undone(pod, record) ?? openedAgain(pod, record),
  async restore(stop, pod, record, { timeoutMs, onBack }) {
    const { labels, conditions } = record;
    const back = await writeHome(stop, pod, {
      record,
      timeoutMs,
      isDone: (now) => areLabelsBack(now, record) && isOpen(now, record) && !hasRecord(now),
      change: { labels, conditions, annotations: { [recordAnnotation]: null } },
    });
    onBack();
    return { pod: back };
  },
};

function gateWrites({
  pod,
  plan,
  record,
}: Pick<Leaving, 'pod' | 'plan' | 'record'>): readonly Write[] {
  const { labels, conditions = [] } = plan.status;
  const shut = {
    status: 'False',
    reason: 'PitStop',
    message: `taken out of traffic by session ${record.id}`,
  };
  return [
    podWrite(pod, {
      labels,
      conditions: Object.fromEntries(conditions.map((type) => [type, shut])),
      annotations: { [recordAnnotation]: encodeRecord(record) },
    }),
  ];
}

function openedAgain(pod: Pod, { conditions = {} }: UndoRecord): string | undefined {
  const opened = Object.keys(conditions).find((type) => conditionOf(pod, type)?.status !== 'False');
  return opened && `condition ${opened} was set again`;
}

function isOpen(pod: Pod, { conditions = {} }: UndoRecord): boolean {
  return Object.entries(conditions).every(
    ([type, before]) => conditionOf(pod, type)?.status === before?.status,
  );
}
