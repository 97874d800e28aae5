import { entryObject } from '../entries.ts';
import type { Circumstances, Finding } from './finding.ts';

/** Entries of objects that a controller owns: what is taken out of them may come back at any time. */
export function findForeignEntries({ entries, snapshot }: Circumstances): readonly Finding[] {
  const { namespace } = snapshot.pod.metadata ?? {};
  return entries.flatMap((entry) =>
    entry.heldBy
      ? [
          {
            name: 'foreign-entry',
            object: entryObject(entry),
            message: `${entry.heldBy} owns it, and may write the Pod's entry back`,
            hint: `kubectl get ${entry.resource} ${entry.name} -n ${namespace} -o yaml`,
          },
        ]
      : [],
  );
}
