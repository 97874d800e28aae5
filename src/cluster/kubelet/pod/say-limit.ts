import type { Pod } from 'kubernetes-types/core/v1.js';
import type { NodeContext, SayLimit } from './pod-context.ts';

/** Events about what is not done for one Pod; each feature is told once. */
export function limitsOf({ recordEvent }: NodeContext, pod: () => Pod): SayLimit {
  const said = new Set<string>();
  return (feature, message) => {
    if (said.has(feature)) return;
    said.add(feature);
    recordEvent(pod(), { type: 'Warning', reason: 'IsolationLimit', message });
  };
}
