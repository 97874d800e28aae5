import {
  catalogue,
  findDiagnostic,
  type Detection,
  type Diagnostic,
  type DiagnosticArguments,
  type HelperNeeds,
} from './index.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import { defaults, type SessionRequest } from '../plan/request.ts';

export interface ChosenDiagnostic {
  readonly diagnostic: Diagnostic;
  readonly detection: Extract<Detection, { works: true }>;
  readonly given: DiagnosticArguments;
  readonly timeoutMs: number;
}

/**
 * The diagnostic to run: the one asked for, else the first of the catalogue that works in the
 * container. Throws `diagnostic-unavailable` with the reason of each that does not.
 */
export async function chooseDiagnostic(
  target: Target,
  request: SessionRequest,
  signal: AbortSignal,
): Promise<ChosenDiagnostic> {
  const { command, collect, extraArgs, customDiagnostics } = request;
  const given: DiagnosticArguments = { command, collect, extraArgs };
  const wanted = command ? 'command' : request.diagnostic;
  const candidates = wanted
    ? [findDiagnostic(wanted, customDiagnostics)]
    : catalogue.filter(({ automatic }) => automatic);
  for (const diagnostic of candidates) checkOptions(diagnostic, extraArgs);
  const reasons: string[] = [];
  let mayWorkAside = false;
  let helper: HelperNeeds | undefined;
  for (const diagnostic of candidates) {
    const timeoutMs = request.timeoutMs ?? diagnostic.timeoutMs ?? defaults.timeoutMs;
    const detection = await diagnostic.detect({
      target,
      signal,
      timeoutMs,
      onProgress: () => undefined,
      ...given,
    });
    if (detection.works) return { diagnostic, detection, given, timeoutMs };
    reasons.push(`${diagnostic.name}: ${detection.reason}`);
    helper ??= detection.helper;
    mayWorkAside ||=
      detection.mayWorkAside === 'own-image'
        ? request.debugImage !== undefined
        : (detection.mayWorkAside ?? false);
  }
  throw new NothingWorks(target, reasons, { mayWorkAside, helper });
}

/** None of the diagnostics works in the container. */
export class NothingWorks extends PitstopError {
  /** What is missing there, an ephemeral container may have. */
  readonly mayWorkAside: boolean;
  readonly helper: HelperNeeds | undefined;

  constructor(
    { namespace, pod, container }: Target,
    reasons: readonly string[],
    aside: Pick<NothingWorks, 'mayWorkAside' | 'helper'>,
  ) {
    super(
      'diagnostic-unavailable',
      `no diagnostic works in container ${container} of pod ${namespace}/${pod}:\n  ${reasons.join('\n  ')}`,
      { hint: 'kubectl pitstop run POD -- COMMAND… runs any command' },
    );
    this.mayWorkAside = aside.mayWorkAside;
    this.helper = aside.helper;
  }
}

function checkOptions(diagnostic: Diagnostic, extraArgs: readonly string[] = []): void {
  if (extraArgs.length === 0) return;
  if (diagnostic.checkOptions) diagnostic.checkOptions(extraArgs);
  else {
    throw new PitstopError(
      'diagnostic-option',
      `${diagnostic.name} takes no options after --: ${extraArgs.join(' ')}`,
      { hint: 'leave --diagnostic out to run it as a command' },
    );
  }
}
