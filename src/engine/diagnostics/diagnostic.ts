import type { Target, TargetProcess } from '../container/target.ts';
import type { Preflight } from './preflight.ts';

export interface DiagnosticProgress {
  readonly message: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

export interface DiagnosticContext {
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Goes into the names of what is made in the container; absent = a random one. */
  readonly sessionId?: string | undefined;
  readonly onProgress: (progress: DiagnosticProgress) => void;
  /** The user has overridden the estimates: what seems too small is written to nonetheless. */
  readonly anyRoom?: boolean | undefined;
  /** Only for `command`. */
  readonly command?: readonly string[] | undefined;
  /** Only for `command`: the file that the command yields. */
  readonly collectPath?: string | undefined;
}

/** What works here and by which tool; or why nothing does. */
export type Detection =
  | {
      readonly works: true;
      readonly tool: string;
      readonly process?: TargetProcess;
      readonly detail: string;
    }
  | { readonly works: false; readonly reason: string };

/** A file in the container that a diagnostic made. */
export interface RemoteArtifact {
  readonly path: string;
  readonly sizeBytes: number;
  readonly format: 'hprof' | 'heapsnapshot' | 'text' | 'file';
  /** Extension of the local file, with the dot. */
  readonly extension: string;
  /** Made by us, hence removed after it is home. */
  readonly removable: boolean;
}

export interface DiagnosticOutcome {
  readonly exitCode: number;
  readonly artifact?: RemoteArtifact;
}

export interface Diagnostic {
  readonly name: string;
  /** One line for `kubectl pitstop diagnostics`. */
  readonly summary: string;
  /** Tried in catalogue order when the user names none. */
  readonly automatic: boolean;
  detect(context: DiagnosticContext): Promise<Detection>;
  /**
   * What `run` may need at worst, found without touching the process; absent where that is hardly
   * anything. Throws as `run` would where nothing works any more.
   */
  preflight?(
    context: DiagnosticContext,
    detection: Extract<Detection, { works: true }>,
  ): Promise<Preflight>;
  /** Leaves nothing in the container but the artifact, also when it fails or is aborted. */
  run(
    context: DiagnosticContext,
    detection: Extract<Detection, { works: true }>,
  ): Promise<DiagnosticOutcome>;
}
