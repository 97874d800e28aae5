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
    };
    readonly route: {
      readonly name: RouteName;
      readonly reasons: readonly string[];
      readonly rejected: readonly { readonly name: string; readonly reason: string }[];
    };
    /** The labels that the isolating patch changes: value `null` = removed. */
    readonly labels: Readonly<Record<string, string | null>>;
    /** Route `gate`: the Pod conditions that the isolating patch sets to False. */
    readonly conditions?: readonly string[];
    /** Route `selector`: by Service, the selector that is saved on it and removed. */
    readonly selectors?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    /** Conditions that refuse; with none of them not overridden, the stop may go. */
    readonly interlocks: readonly Interlock[];
    readonly warnings: readonly string[];
    readonly diagnostic: string;
  };
}

export interface PlanService {
  readonly name: string;
  readonly ports: readonly {
    readonly name?: string;
    readonly port: number;
    readonly targetPort: number;
  }[];
  readonly slices: readonly string[];
  /** Endpoints of the Service that are ready now, this Pod included / not included. */
  readonly readyEndpoints: number;
  readonly readyOthers: number;
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
