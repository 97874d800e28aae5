export type ClusterErrorCode =
  | 'already-running'
  | 'not-running'
  | 'name-invalid'
  | 'option-invalid'
  | 'level-refused'
  | 'start-failed'
  | 'stop-failed'
  | 'unreachable'
  | 'refused';

/** A failure to start, find or stop a cluster; `hint` is what to do next. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly code: ClusterErrorCode;
  readonly hint: string | undefined;

  constructor(
    code: ClusterErrorCode,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
