import { catalogue, findDiagnostic, type Detection, type Diagnostic } from './index.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import { defaults, type SessionRequest } from '../plan/request.ts';

export interface ChosenDiagnostic {
  readonly diagnostic: Diagnostic;
  readonly detection: Extract<Detection, { works: true }>;
  readonly command?: readonly string[] | undefined;
  readonly collectPath?: string | undefined;
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
  const { command, collectPath } = request;
  const wanted = command ? 'command' : request.diagnostic;
  const candidates = wanted
    ? [findDiagnostic(wanted)]
    : catalogue.filter(({ automatic }) => automatic);
  const reasons: string[] = [];
  for (const diagnostic of candidates) {
    const detection = await diagnostic.detect({
      target,
      signal,
      timeoutMs: request.timeoutMs ?? defaults.timeoutMs,
      onProgress: () => undefined,
      command,
      collectPath,
    });
    if (detection.works) return { diagnostic, detection, command, collectPath };
    reasons.push(`${diagnostic.name}: ${detection.reason}`);
  }
  throw new PitstopError(
    'diagnostic-unavailable',
    `no diagnostic works in container ${target.container} of pod ${target.namespace}/${target.pod}:\n  ${reasons.join('\n  ')}`,
    { hint: 'kubectl pitstop run POD -- COMMAND… runs any command' },
  );
}
