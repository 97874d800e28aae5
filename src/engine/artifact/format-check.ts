import { PitstopError } from '../errors.ts';
import type { Findings } from './findings.ts';

/** A look at content as it streams by, in constant memory. */
export interface FormatCheck {
  /** Throws `artifact-corrupt` with the byte offset as soon as something is wrong. */
  write(chunk: Buffer): void;
  /** The content is over. Throws `artifact-corrupt` when it is cut short. */
  end(): void;
  /** What has been read tells, also when it is not whole; tables have `top` rows at most. */
  findings(top: number): Findings;
}

/** Content that is not what its format says. */
export class BadContent extends PitstopError {
  /** Byte of the (unpacked) content where it shows. */
  readonly offset: number;
  /** It ends too early, and is well-formed up to there. */
  readonly isTruncated: boolean;

  constructor(
    format: string,
    problem: string,
    { offset, isTruncated }: { readonly offset: number; readonly isTruncated: boolean },
  ) {
    super('artifact-corrupt', `not a whole ${format}: ${problem} at byte ${offset}`);
    this.offset = offset;
    this.isTruncated = isTruncated;
  }
}

export function corrupt(format: string, problem: string, offset: number): BadContent {
  return new BadContent(format, problem, { offset, isTruncated: false });
}

/** `problem` reads on with `at byte N`: `it ends inside a record`. */
export function truncated(format: string, problem: string, offset: number): BadContent {
  return new BadContent(format, problem, { offset, isTruncated: true });
}
