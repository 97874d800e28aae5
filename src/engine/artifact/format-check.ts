import { PitstopError } from '../errors.ts';

/** A look at content as it streams by, in constant memory. */
export interface FormatCheck {
  /** Throws `artifact-corrupt` with the byte offset as soon as something is wrong. */
  write(chunk: Buffer): void;
  /** The content is over: what it tells, one line a fact. Throws `artifact-corrupt` when it is cut short. */
  end(): readonly string[];
}

export function corrupt(format: string, problem: string, offset: number): PitstopError {
  return new PitstopError(
    'artifact-corrupt',
    `not a whole ${format}: ${problem} at byte ${offset}`,
  );
}

/** `1,234,567`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
