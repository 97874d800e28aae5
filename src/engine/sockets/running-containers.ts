import type { Pod } from 'kubernetes-types/core/v1.js';

/** The wanted container, then whatever else of the Pod runs: they all share its network. */
export function runningContainers({ spec, status }: Pod, wanted: string): readonly string[] {
  const running = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ].flatMap(({ name, state }) => (state?.running ? [name] : []));
  const named = (spec?.containers ?? []).map(({ name }) => name);
  return [...new Set([wanted, ...named.filter((name) => running.includes(name)), ...running])];
}
