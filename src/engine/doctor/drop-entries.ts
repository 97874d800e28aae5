import type { Endpoints } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Repair } from './finding.ts';
import { addressOf } from './listed.ts';

/**
 * Takes entries out of a slice. The list is atomic (a merge would replace it all), so each removal is a
 * JSON patch that first makes sure the slice is still the one that was looked at.
 */
export function dropEntries(slice: EndpointSlice, entries: readonly Endpoint[]): Repair {
  const { namespace, name = '', uid, resourceVersion } = slice.metadata ?? {};
  const indexes = entries.map((entry) => (slice.endpoints ?? []).indexOf(entry));
  return {
    description: `take ${entries.map(addressOf).join(', ')} out of endpointslice/${name}`,
    writes: [
      {
        verb: 'patch',
        reference: { resource: 'endpointslices', namespace, name },
        type: 'json',
        patch: [
          ...asItWas({ uid, resourceVersion }),
          // From the last to the first: a removal moves what follows.
          ...indexes
            .toSorted((a, b) => b - a)
            .map((index) => ({ op: 'remove', path: `/endpoints/${index}` })),
        ],
      },
    ],
  };
}

/** The same for an Endpoints object: its addresses, wherever in its subsets they stand. */
export function dropAddresses(endpoints: Endpoints, addresses: ReadonlySet<string>): Repair {
  const { namespace, name = '', uid, resourceVersion } = endpoints.metadata ?? {};
  const paths = (endpoints.subsets ?? []).flatMap((subset, at) => {
    const lists = (['addresses', 'notReadyAddresses'] as const).map((list) => ({
      list,
      indexes: (subset[list] ?? []).flatMap(({ ip }, index) => (addresses.has(ip) ? [index] : [])),
      all: (subset[list] ?? []).length,
    }));
    // A subset without addresses is not valid.
    if (lists.every(({ indexes, all }) => indexes.length === all)) return [`/subsets/${at}`];
    return lists.flatMap(({ list, indexes, all }) =>
      indexes.length === all && all > 0
        ? [`/subsets/${at}/${list}`]
        : indexes.map((index) => `/subsets/${at}/${list}/${index}`),
    );
  });
  return {
    description: `take ${[...addresses].join(', ')} out of endpoints/${name}`,
    writes: [
      {
        verb: 'patch',
        reference: { resource: 'endpoints', namespace, name },
        type: 'json',
        patch: [
          ...asItWas({ uid, resourceVersion }),
          ...paths.toReversed().map((path) => ({ op: 'remove', path })),
        ],
      },
    ],
  };
}

function asItWas(metadata: {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}): readonly { readonly op: 'test'; readonly path: string; readonly value: string | undefined }[] {
  return [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
  ];
}
