/** The undo record: all that any machine needs to bring the Pod home, written by the isolating patch. */
export const recordAnnotation = 'pitstop.dev/session';

/** KEP-2255: of Pods that are equally ready, the one with the lowest cost is deleted first. */
export const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

/** On the Pod that is to go when another comes home: the session's id and the cost it had before. */
export const replacementAnnotation = 'pitstop.dev/replacement';

/** The manager of the slices that sessions of route `selector` add; every other manager leaves them alone. */
export const standInManager = 'pitstop.dev';
