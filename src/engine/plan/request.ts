import type { Compress } from '../collection/codec.ts';
import type { Store } from '../collection/packed-part.ts';
import type { CustomDiagnostic } from '../diagnostics/index.ts';
import type { InterlockName } from './interlocks/catalogue.ts';
import type { RouteName } from './plan.ts';

/** A number of endpoints, or percent of those that are ready now (rounded up). */
export type MinReady = { readonly count: number } | { readonly percent: number };

/** What the user asks for; everything the plan decides from besides the cluster itself. */
export interface SessionRequest {
  /** `POD`, `pod/NAME`, `deploy/NAME`, `rs/NAME`, `sts/NAME`, `ds/NAME`, `rc/NAME`, `job/NAME` or `svc/NAME`. */
  readonly target: string;
  readonly namespace: string;
  readonly container?: string | undefined;
  /** Forces a route; the plan refuses if it cannot cover every Service. */
  readonly route?: Exclude<RouteName, 'none'> | undefined;
  /** Name in the catalogue; absent = the best that works in the container. */
  readonly diagnostic?: string | undefined;
  /** Diagnostics of the user's own, besides the catalogue. */
  readonly customDiagnostics?: readonly CustomDiagnostic[] | undefined;
  /** Further options of the named diagnostic, as it takes them. */
  readonly extraArgs?: readonly string[] | undefined;
  /** With diagnostic `command`. */
  readonly command?: readonly string[] | undefined;
  /** With diagnostic `command`: the artifact, as paths in the container or patterns of its shell's. */
  readonly collect?: readonly string[] | undefined;
  /** Local directory, file, or `-` for stdout. Default `./pitstop-artifacts/`. */
  readonly output?: string | undefined;
  /** `strict`: connections still open at the timeout fail the session; `best-effort`: a warning. */
  readonly drain?: 'strict' | 'best-effort' | undefined;
  /** Default 30,000. */
  readonly drainTimeoutMs?: number | undefined;
  /**
   * What lets the application's clients go, once nothing new arrives: `exec:CMD`, `http://:PORT/PATH`,
   * `envoy`, `istio`, `spring`. Taken back on the way home where it has a way back.
   */
  readonly drainHooks?: readonly string[] | undefined;
  /** Takes back hooks of one's own: `exec:CMD` or `http://:PORT/PATH`, done before traffic comes again. */
  readonly drainUndo?: readonly string[] | undefined;
  /** Close connections that have been idle for this long (ms) once nothing new arrives; absent = none. */
  readonly severIdleMs?: number | undefined;
  /** For ephemeral containers, where the Pod's own cannot do it; `none` = never add one. */
  readonly debugImage?: string | undefined;
  /** How long no new connection may come before the Pod counts as out. Default 1,500. */
  readonly settleMs?: number | undefined;
  /** For the diagnostic. Default 600,000. */
  readonly timeoutMs?: number | undefined;
  /** How long the way back may take: Ready, adopted, listed. Default 120,000. */
  readonly restoreTimeoutMs?: number | undefined;
  /** Only `isolate`: after this the session counts as expired. Default 1,800,000. */
  readonly ttlMs?: number | undefined;
  readonly overrides?: readonly InterlockName[] | undefined;
  /** Ready endpoints that must remain in each Service without the Pod. Default one. */
  readonly minReady?: MinReady | undefined;
  /** How many Pods of the target, a workload or Service, may be out at once, those of other sessions counted. */
  readonly maxOut?: number | undefined;
  /** The workload or Service whose Pods `maxOut` counts, where the target is one of them. Default the target. */
  readonly maxOutOf?: string | undefined;
  /** Route `release`: which of the two stays when the work is done. Default `pod`. */
  readonly keep?: 'pod' | 'replacement' | undefined;
  /**
   * Route `release`: what becomes of a Pod that its owner would not keep any more (a rollout, a
   * scale-down). `keep`, the default: it stays out, and the session fails; `delete`: once all is home.
   */
  readonly whenUnwanted?: 'keep' | 'delete' | undefined;
  /** The only directory in the container to write to; absent = the roomiest of those for that purpose. */
  readonly remoteDirectory?: string | undefined;
  /** Leave the artifact's file in the container. */
  readonly keepRemote?: boolean | undefined;
  /** How the artifact travels. Default `auto`: by what the container has and the link gives. */
  readonly compress?: Compress | undefined;
  /** How the artifact is kept at home. Default `dumped`: as it is in the container. */
  readonly store?: Store | undefined;
  /** `server`: the isolating write is sent with dryRun=All. */
  readonly dryRun?: 'none' | 'client' | 'server' | undefined;
}

export const defaults = {
  output: './pitstop-artifacts/',
  drain: 'strict',
  drainTimeoutMs: 30_000,
  // kube-proxy syncs at most once a second, and then takes a moment: 1.4 s was measured.
  settleMs: 1_500,
  timeoutMs: 600_000,
  restoreTimeoutMs: 120_000,
  ttlMs: 1_800_000,
} as const;
