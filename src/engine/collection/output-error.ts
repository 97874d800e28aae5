import { PitstopError } from '../errors.ts';

/** Writing at home failed: `output-unusable`, with what the system says. */
export function outputError(path: string, cause: unknown): PitstopError {
  return new PitstopError('output-unusable', `${path}: ${(cause as Error).message}`, { cause });
}
