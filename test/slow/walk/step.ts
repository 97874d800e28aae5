/** One line a person types into a shell, and what has to come of it. */
export interface Step {
  readonly line: string;
  /** Stands somewhere in stdout or stderr. */
  readonly shows: string | RegExp;
  readonly code: number;
  /** The first kubectl that knows the command or words its answer so. */
  readonly since: string | undefined;
}

export function types(
  line: string,
  shows: string | RegExp = '',
  { code = 0, since }: { readonly code?: number; readonly since?: string } = {},
): Step {
  return { line, shows, code, since };
}

/** A line that fails with exit code 1 and this message. */
export function refuses(line: string, shows: string | RegExp, code = 1): Step {
  return { line, shows, code, since: undefined };
}
