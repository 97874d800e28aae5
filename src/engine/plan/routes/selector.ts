import { effectiveSelector } from '../../session/service-record.ts';
import type { Labels } from '../labels.ts';
import { serviceNames } from './cover.ts';
import type { RouteCandidate } from './route-change.ts';

/** Each Service's selector is saved and removed, and the session lists its other Pods meanwhile. */
export const selector: RouteCandidate = {
  name: 'selector',
  onRequest:
    'only --route=selector chooses it: if the session dies, no Pod joins or leaves the Services any more',
  find(_, reach) {
    const selectors: Record<string, Labels> = {};
    for (const { service, bySelector } of reach) {
      const own = effectiveSelector(service);
      if (bySelector && own) selectors[service.metadata?.name ?? ''] = own;
    }
    if (Object.keys(selectors).length === 0) return 'no Service selects the Pod';
    const selecting = reach.filter(({ bySelector }) => bySelector);
    const shared = selecting.filter(({ service }) => !service.spec?.selector);
    return {
      labels: {},
      selectors,
      services: Object.keys(selectors).map((name) => ({
        name,
        by: 'selector' as const,
        how: 'with its selector saved and removed',
      })),
      reasons: [
        `${serviceNames(selecting)} ${selecting.length === 1 ? 'keeps its' : 'keep their'} other Pods: the session stands in for the endpoints controllers`,
        ...(shared.length > 0
          ? [`${serviceNames(shared)} is shared with a session that holds its selector already`]
          : []),
      ],
    };
  },
};
