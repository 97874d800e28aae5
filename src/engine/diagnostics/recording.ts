import { PitstopError } from '../errors.ts';
import type { DiagnosticContext } from './diagnostic.ts';

const defaultDurationMs = 30_000;

/** How long is recorded; throws `diagnostic-option` when the session's timeout would end it before. */
export function recordingMs(
  diagnostic: string,
  givenMs: number | undefined,
  { timeoutMs }: Pick<DiagnosticContext, 'timeoutMs'>,
): number {
  const ms = givenMs ?? Math.min(defaultDurationMs, timeoutMs / 2);
  if (ms < timeoutMs) return ms;
  throw new PitstopError(
    'diagnostic-option',
    `${diagnostic} would record for ${ms / 1000} s, and after ${timeoutMs / 1000} s it is ended`,
    { hint: `give it longer: --timeout=${Math.ceil(ms / 1000) * 2}s` },
  );
}
