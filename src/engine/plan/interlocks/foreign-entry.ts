import type { Circumstances, Finding } from './finding.ts';

/** Entries of objects that a controller owns: what is taken out of them may come back at any time. */
export function findForeignEntries({ entries, snapshot }: Circumstances): readonly Finding[] {
  const { namespace } = snapshot.pod.metadata ?? {};
  return entries.flatMap(({ resource, name, heldBy }) =>
    heldBy
      ? [
          {
            name: 'foreign-entry',
            object: `${resource}/${name}`,
            message: `${heldBy} owns it, and may write the Pod's entry back`,
            hint: `kubectl get ${resource} ${name} -n ${namespace} -o yaml`,
          },
        ]
      : [],
  );
}
