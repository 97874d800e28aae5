import type { Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { listsFromElsewhere } from '../../plan/elsewhere.ts';
import { sliceService } from '../../plan/traffic.ts';
import type { Finding } from '../finding.ts';
import { isMadeBySelector, isRunning, nameOf } from '../listed.ts';
import type { World } from '../world.ts';

/** A slice counts for the Service of its own namespace whatever Pod its addresses are of; `--all-namespaces` shows. */
export function findListedElsewhere({ namespaces }: World): readonly Finding[] {
  return namespaces.flatMap(({ namespace, slices }) => {
    const others = namespaces.filter((each) => each.namespace !== namespace);
    const pods = others.flatMap((each) => each.pods.filter(isRunning));
    return slices
      .filter((slice) => !isMadeBySelector(slice))
      .flatMap((slice) => findingOf(namespace, slice, pods));
  });
}

function findingOf(
  namespace: string,
  slice: EndpointSlice,
  pods: readonly Pod[],
): readonly Finding[] {
  const listed = pods.filter((pod) => listsFromElsewhere(slice, pod));
  if (listed.length === 0) return [];
  return [
    {
      name: 'listed-elsewhere',
      severity: 'note',
      namespace,
      object: `endpointslice/${nameOf(slice)}`,
      message: `by it service/${sliceService(slice)} sends traffic to Pods of another namespace; no session there can end that`,
      details: listed.map(({ metadata }) => `pod ${metadata?.namespace}/${metadata?.name}`),
    },
  ];
}
