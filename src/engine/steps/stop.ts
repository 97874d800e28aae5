import type { Kube } from '../../kube/index.ts';

/** One Pod under work, and the signal that ends the work. */
export interface Stop {
  readonly kube: Kube;
  readonly namespace: string;
  readonly name: string;
  readonly signal: AbortSignal;
}
