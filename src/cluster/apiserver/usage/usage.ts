interface Quantities {
  /** `1234567n` */
  readonly cpu: string;
  /** `1234Ki` */
  readonly memory: string;
}

interface Measured {
  /** When the measuring ended, RFC 3339, and how long it took: `15s`. */
  readonly timestamp: string;
  readonly window: string;
}

export interface PodUsage extends Measured {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly containers: readonly { readonly name: string; readonly usage: Quantities }[];
}

interface NodeUsage extends Measured {
  readonly usage: Quantities;
}

/** What Pods and nodes use at the moment; only of those that run. */
export interface Usage {
  podMetrics(): readonly PodUsage[];
  /** By the node's name. */
  nodeMetrics(): ReadonlyMap<string, NodeUsage>;
}

export const noUsage: Usage = { podMetrics: () => [], nodeMetrics: () => new Map() };
