import type { ObjectReference } from '../../kube/index.ts';

/** `deploy/NAME`, `sts/NAME` or `ds/NAME`, and by what its Pods are to leave traffic from now on. */
export interface PrepareRequest {
  readonly target: string;
  readonly namespace: string;
  /** Only these Services; default every one that selects the workload's Pods. */
  readonly services?: readonly string[] | undefined;
  /** Default `label`. */
  readonly means?: 'label' | 'gate' | undefined;
  /** Default `pitstop.dev/traffic=open`. */
  readonly label?: { readonly key: string; readonly value: string } | undefined;
  /** For the rollout. Default 600,000. */
  readonly timeoutMs?: number | undefined;
}

/** What gives a workload the means for the gentlest route: decided, not yet done. */
export interface Preparation {
  readonly apiVersion: 'pitstop.dev/v1alpha1';
  readonly kind: 'Preparation';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    /** `deployment/web`. */
    readonly workload: string;
    readonly means: 'label' | 'gate';
    /** `pitstop.dev/traffic=open`, or the readiness gate's condition type. */
    readonly by: string;
  };
  readonly status: {
    readonly services: readonly PreparedService[];
    /** In the order that loses no traffic. */
    readonly steps: readonly PreparationStep[];
    /** Why `--apply` would refuse; the steps can be done by hand, or where the objects are kept. */
    readonly refusals: readonly Refusal[];
    readonly warnings: readonly string[];
  };
}

export interface PreparedService {
  readonly name: string;
  readonly prepared: boolean;
  /** How it is left now, or what is missing. */
  readonly message: string;
}

export interface PreparationStep {
  /** `deployment/web`, `service/web`. */
  readonly object: string;
  readonly reference: ObjectReference;
  readonly message: string;
  /** A strategic merge patch; nothing is left to do where it is already so. */
  readonly patch: object;
  readonly done: boolean;
  /** The part of the object that the patch changes, as it reads and as it will. */
  readonly before: object;
  readonly after: object;
}

export interface Refusal {
  readonly object: string;
  readonly message: string;
}

/** What was seen of one Service while its workload was prepared. */
export interface EndpointsSeen {
  readonly service: string;
  readonly readyBefore: number;
  readonly readyLowest: number;
  readonly readyAfter: number;
}
