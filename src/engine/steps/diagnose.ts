import type {
  Detection,
  Diagnostic,
  DiagnosticArguments,
  DiagnosticProgress,
  RemoteArtifact,
} from '../diagnostics/index.ts';
import type { Target } from '../container/target.ts';
import { formatSize } from '../words.ts';
import type { DiagnosticResult } from '../session/session.ts';

interface DiagnoseOptions {
  readonly target: Target;
  readonly chosen: {
    readonly diagnostic: Diagnostic;
    readonly detection: Extract<Detection, { works: true }>;
    readonly given: DiagnosticArguments;
  };
  readonly sessionId?: string | undefined;
  readonly timeoutMs: number;
  readonly anyRoom?: boolean | undefined;
  readonly keepRemote?: boolean | undefined;
  readonly onKept?: ((directory: string) => void) | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DiagnosticProgress) => void;
}

export interface Diagnosed {
  readonly result: DiagnosticResult;
  /** What the diagnostic left in the container to be collected. */
  readonly remote?: RemoteArtifact;
  /** The end of what it said. */
  readonly said?: string;
  /** One line for people. */
  readonly message: string;
}

/** Step `diagnose`: runs the chosen diagnostic in the container. */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosed> {
  const { chosen, ...context } = options;
  const { diagnostic, detection, given } = chosen;
  const startedAt = performance.now();
  const { exitCode, artifact, said, pauseMs } = await diagnostic.run(
    { ...context, ...given },
    detection,
  );
  const durationMs = Math.round(performance.now() - startedAt);
  const result: DiagnosticResult = {
    name: diagnostic.name,
    tool: detection.tool,
    ...(detection.process && { pid: detection.process.pid }),
    exitCode,
    durationMs,
    ...(pauseMs !== undefined && { pauseMs }),
  };
  const seconds = (durationMs / 1000).toFixed(1);
  const made = artifact ? formatSize(artifact.sizeBytes) : 'no file';
  const pause = pauseMs === undefined ? '' : `, stood still for ${(pauseMs / 1000).toFixed(1)} s`;
  const code = exitCode === 0 ? '' : `, exit code ${exitCode}`;
  return {
    result,
    ...(artifact && { remote: artifact }),
    ...(said && { said: lastLines(said) }),
    message: `${detection.tool}: ${made} in ${seconds} s${pause}${code}`,
  };
}

/** What explains a failure stands at the end. */
function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-5).join('\n').slice(-1000);
}
