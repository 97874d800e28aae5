import type { PlanEntry } from './entries.ts';
import type { InterlockName } from './interlocks/catalogue.ts';

/** How the Pod leaves traffic. `none`: no Service sends it any, so there is nothing to write. */
export type RouteName = 'none' | 'label' | 'gate' | 'release' | 'selector';

/** The pure decision of a whole pit stop, before anything is touched (`kubectl pitstop plan`). */
export interface Plan {
  readonly apiVersion: 'pitstop.dev/v1alpha1';
  readonly kind: 'Plan';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly pod: string; readonly podUid: string; readonly container: string };
  readonly status: {
    /** Services whose traffic reaches the Pod, and how. */
    readonly services: readonly PlanService[];
    readonly owner?: {
      readonly kind: string;
      readonly name: string;
      readonly desiredReplicas?: number;
      /** What owns the owner, where that is neither a Deployment nor known to pitstop. */
      readonly ownedBy?: string;
    };
    readonly route: {
      readonly name: RouteName;
      readonly reasons: readonly string[];
      readonly rejected: readonly { readonly name: RouteName; readonly reason: string }[];
    };
    /** The labels that the isolating patch changes: value `null` = removed. */
    readonly labels: Readonly<Record<string, string | null>>;
    /** Route `gate`: the Pod conditions that the isolating patch sets to False. */
    readonly conditions?: readonly string[];
    /** Entries that no route reaches: each is taken out of its object, and put back. */
    readonly entries: readonly PlanEntry[];
    /** Route `selector`: by Service, the selector that is saved on it and removed. */
    readonly selectors?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    /** What is so if everything dies right after the isolating write; `restore` undoes it. */
    readonly ifCrashed: string;
    /** Conditions that refuse; with none of them not overridden, the stop may go. */
    readonly interlocks: readonly Interlock[];
    /** What else would refuse a run, with its error's code: nothing to run, nowhere to write. */
    readonly refused?: { readonly code: string; readonly message: string; readonly hint?: string };
    readonly warnings: readonly string[];
    readonly diagnostic: string;
    /** What the diagnostic may need at worst; absent when that is hardly anything, or not known. */
    readonly estimate?: PlanEstimate;
    /** With `dryRun: 'server'`: every write that takes the Pod out, in its order. */
    readonly dryRun?: readonly CheckedWrite[];
  };
}

/** What the server made of a write that it was told not to keep. */
export interface CheckedWrite {
  /** `pod/web-1`, `service/web`, `endpointslice/web-x7`. */
  readonly object: string;
  /** `unchecked`: something in the cluster cannot be asked without effect; `message` says what. */
  readonly verdict: 'accepted' | 'unchecked';
  readonly message?: string;
}

/** Bytes and milliseconds, the pessimistic end of each. */
export interface PlanEstimate {
  /** What the figures are worked out from, for people. */
  readonly basis: string;
  /** How long the process may stand still, and from when on the kubelet would restart it for that. */
  readonly pauseMs?: number;
  readonly livenessBudgetMs?: number;
  readonly sizeBytes?: number;
  /** The roomiest place in the container, and what may be written there. */
  readonly directory?: string;
  readonly freeBytes?: number;
  /** Memory on top of what the container uses now. */
  readonly memoryBytes?: number;
}

export interface PlanService {
  readonly name: string;
  readonly type: string;
  /** It has no address of its own: clients find the Pod by name, and hold on to its address. */
  readonly headless: boolean;
  /** What picks its Pods; null when nothing does, and its slices are somebody else's work. */
  readonly selector: Readonly<Record<string, string>> | null;
  /** Pods that are not ready get its traffic, too. */
  readonly publishNotReadyAddresses: boolean;
  readonly internalTrafficPolicy?: 'Local';
  readonly externalTrafficPolicy?: 'Local';
  /** Addresses outside the cluster's own at which it answers, too. */
  readonly externalIPs?: readonly string[];
  readonly ports: readonly {
    readonly name?: string;
    /** Absent: TCP. */
    readonly protocol?: string;
    readonly port: number;
    readonly targetPort: number;
    readonly nodePort?: number;
  }[];
  /** The slices that list the Pod now, and who manages them, by their label (empty: nobody). */
  readonly slices: readonly string[];
  readonly managedBy: readonly string[];
  /** Endpoints of the Service that are ready now, this Pod included / not included. */
  readonly readyEndpoints: number;
  readonly readyOthers: number;
  /** Of the others, those on the Pod's own Node; only where a traffic policy is `Local`. */
  readonly readyOthersOnNode?: number;
  /** By what the Pod leaves it: a route, an edit of its entry, or nothing that pitstop does. */
  readonly leavesBy: readonly {
    readonly by: RouteName | 'entry';
    readonly how: string;
  }[];
  /** Gentler routes that would not do for this Service, where it is not the same for all. */
  readonly rejected?: readonly { readonly name: RouteName; readonly reason: string }[];
}

export interface Interlock {
  readonly name: InterlockName;
  /** `service/my-svc`, `deployment/my-api-deploy`, `pod/…`. */
  readonly object: string;
  readonly message: string;
  /** Some conditions have no override: nothing sensible can follow. */
  readonly overridable: boolean;
  readonly overridden: boolean;
  /** What to do instead of overriding it: a command, or an option that fits. */
  readonly hint?: string;
}
