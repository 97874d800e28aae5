/**
 * Every interlock by name, in the order a person should read them: what it means, and, where no flag
 * overrides it, why. docs/reference/interlocks.md lists the same.
 */
export const interlockCatalogue = {
  terminating: {
    meaning: 'The Pod is being deleted.',
    final: 'nothing brings it back',
  },
  'session-exists': {
    meaning: 'Another session holds the Pod, or the selector of one of its Services.',
    final: 'two undo records would contradict each other',
  },
  'owner-gone': {
    meaning: 'The controller that owns the Pod does not exist any more.',
    final: undefined,
  },
  'static-pod': {
    meaning:
      'The Pod is a static Pod: its node keeps it from a file, the API shows a mirror of it.',
    final: undefined,
  },
  'not-running': {
    meaning: 'The container to work on does not run.',
    final: undefined,
  },
  'not-ready': {
    meaning: 'The Pod is not Ready, so its way back could not be proven.',
    final: undefined,
  },
  'host-network': {
    meaning: "The Pod uses its node's network: its address and its sockets are the node's.",
    final: undefined,
  },
  rollout: {
    meaning: 'The owner is replacing its Pods, or has got stuck at it.',
    final: undefined,
  },
  'statefulset-ordinal': {
    meaning:
      'The route releases a Pod of a StatefulSet, which waits for that ordinal until it is back.',
    final: undefined,
  },
  'last-endpoint': {
    meaning: 'Fewer ready endpoints would remain in a Service than must (--min-ready, else one).',
    final: undefined,
  },
  'publish-not-ready': {
    meaning: 'The Service publishes Pods that are not ready, so route gate changes nothing there.',
    final: 'the Pod would go on getting traffic',
  },
  'foreign-entry': {
    meaning: 'The Pod is listed by an object that a controller owns, which may write it back.',
    final: undefined,
  },
  'gitops-service': {
    meaning:
      'Something keeps the Service as it is written elsewhere, and would put its selector back.',
    final: undefined,
  },
  pdb: {
    meaning: 'A PodDisruptionBudget allows no disruption now.',
    final: undefined,
  },
  'hpa-scale-down': {
    meaning: 'An autoscaler may remove a replica, and the Pod would be the first to go.',
    final: undefined,
  },
  'liveness-budget': {
    meaning: 'The pause may last until the kubelet restarts the container.',
    final: undefined,
  },
  disk: {
    meaning: 'The artifact may be larger than what is free where it can be written.',
    final: undefined,
  },
  memory: {
    meaning: "The diagnostic may need more memory than the container's limit leaves.",
    final: undefined,
  },
  'ephemeral-storage': {
    meaning: 'The artifact may exceed a storage limit, for which the kubelet evicts the Pod.',
    final: undefined,
  },
  rbac: {
    meaning: 'The user lacks permissions that the session needs, on the way out or back.',
    final: 'what is begun could not be finished',
  },
} as const satisfies Record<
  string,
  { readonly meaning: string; readonly final: string | undefined }
>;

export type InterlockName = keyof typeof interlockCatalogue;

export const interlockNames = Object.keys(interlockCatalogue) as readonly InterlockName[];

/** The names that `--override` may have any use for. */
export const overridableInterlocks = interlockNames.filter(
  (name) => interlockCatalogue[name].final === undefined,
);
