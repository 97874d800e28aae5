import type { Target, TargetProcess } from '../container/target.ts';
import type { Preflight } from './preflight.ts';

export interface DiagnosticProgress {
  readonly message: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

/** What the user gave a diagnostic besides its name. */
export interface DiagnosticArguments {
  /** Only for `command`. */
  readonly command?: readonly string[] | undefined;
  /** Only for `command`: the files that it yields, as paths or as patterns of the shell's. */
  readonly collect?: readonly string[] | undefined;
  /** For any other: what followed `--`, as `checkOptions` has let it pass. */
  readonly extraArgs?: readonly string[] | undefined;
}

export interface DiagnosticContext extends DiagnosticArguments {
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Goes into the names of what is made in the container; absent = a random one. */
  readonly sessionId?: string | undefined;
  readonly onProgress: (progress: DiagnosticProgress) => void;
  /** The user has overridden the estimates: what seems too small is written to nonetheless. */
  readonly anyRoom?: boolean | undefined;
  /** What is in the container stays there, also when the diagnostic fails. */
  readonly keepRemote?: boolean | undefined;
  /** Told of a directory that stays although the diagnostic failed. */
  readonly onKept?: ((directory: string) => void) | undefined;
}

/** What works here and by which tool; or why nothing does. */
export type Detection =
  | {
      readonly works: true;
      readonly tool: string;
      readonly process?: TargetProcess;
      readonly detail: string;
    }
  | {
      readonly works: false;
      readonly reason: string;
      /**
       * An ephemeral container as the process's user, with other tools, might do it; `own-image`: with
       * an image of the user's that has the tool.
       */
      readonly mayWorkAside?: boolean | 'own-image';
      readonly helper?: HelperNeeds;
    };

/** What that ephemeral container has to be, where the container's own user will not do. */
export interface HelperNeeds {
  /** Of the process that is worked on. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** It traces the process: root with capability SYS_PTRACE. */
  readonly traces?: boolean;
}

/** What an artifact is; `file` is anything, `directory` travels as a tar. */
export type ArtifactFormat =
  | 'hprof'
  | 'jfr'
  | 'heapsnapshot'
  | 'cpuprofile'
  | 'heapprofile'
  | 'pprof'
  | 'gcdump'
  | 'core'
  | 'speedscope'
  | 'text'
  | 'file'
  | 'directory';

/** A file, or a directory with files, that a diagnostic made in the container. */
export interface RemoteArtifact {
  /** Absolute. */
  readonly path: string;
  /**
   * Only with format `directory`: what of it goes home, as names relative to `path` (they may have
   * slashes); absent = all of it. `removable` means these, and the directory only when all goes home.
   */
  readonly members?: readonly string[];
  readonly sizeBytes: number;
  readonly format: ArtifactFormat;
  /** Extension of the local file, with the dot. */
  readonly extension: string;
  /** Made by us, hence removed after it is home. */
  readonly removable: boolean;
}

export interface DiagnosticOutcome {
  readonly exitCode: number;
  /** For how long the process stood still meanwhile, by its own account, in milliseconds. */
  readonly pauseMs?: number;
  /** The end of what it said, for where its exit code is not 0. */
  readonly said?: string;
  readonly artifact?: RemoteArtifact;
}

export interface Diagnostic {
  readonly name: string;
  /** One line for `kubectl pitstop diagnostics`. */
  readonly summary: string;
  /** Tried in catalogue order when the user names none. */
  readonly automatic: boolean;
  /** How long it may take unless the user says so; absent = as long as any. */
  readonly timeoutMs?: number;
  /** The options that it takes after `--`, for people (`-all, -gz=1…9`); absent = it takes none. */
  readonly options?: string;
  /** Throws `diagnostic-option` naming the word that is none of its options, before anything is touched. */
  checkOptions?(extraArgs: readonly string[]): void;
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
