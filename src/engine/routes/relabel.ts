import type { Pod } from 'kubernetes-types/core/v1.js';
import { recordAnnotation } from '../annotations.ts';
import { outValue } from '../plan/routes/release.ts';
import { encodeRecord, hasRecord, type UndoRecord } from '../session/record.ts';
import { podWrite } from './pod-write.ts';
import type { Leaving, Route, Write } from './route.ts';
import { writeHome } from './write-home.ts';
import { writeOut } from './write-out.ts';

/** Routes `label` and `none`: one patch out, one patch home. */
export const relabel: Route = {
  writes: relabelWrites,
  isolate: (stop, leaving) => writeOut(stop, leaving, relabelWrites(leaving)[0]!),
  undone: relabelUndone,
  async restore(stop, pod, record, { timeoutMs, onBack }) {
    const back = await writeHome(stop, pod, {
      record,
      timeoutMs,
      isDone: (now) => areLabelsBack(now, record) && !hasRecord(now),
      change: { labels: record.labels, annotations: { [recordAnnotation]: null } },
    });
    onBack();
    return { pod: back };
  },
};

/** The preconditions (uid, resourceVersion) make sure that the Pod is the one the plan was made for. */
function relabelWrites({
  pod,
  plan,
  record,
}: Pick<Leaving, 'pod' | 'plan' | 'record'>): readonly Write[] {
  const { labels } = plan.status;
  return [podWrite(pod, { labels, annotations: { [recordAnnotation]: encodeRecord(record) } })];
}

/** While the Pod is out a label is either off or marked; as it was, or as anybody else set it, is undone. */
function relabelUndone({ metadata }: Pod, { labels }: UndoRecord): string | undefined {
  const undone = Object.entries(labels).find(([key, before]) => {
    const now = metadata?.labels?.[key] ?? null;
    return now === before || (now !== null && now !== outValue);
  });
  return undone && `label ${undone[0]} was set again`;
}

export function areLabelsBack({ metadata }: Pod, { labels }: UndoRecord): boolean {
  return Object.entries(labels).every(
    ([key, value]) => (metadata?.labels?.[key] ?? null) === value,
  );
}
