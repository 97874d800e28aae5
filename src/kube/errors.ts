export type KubeErrorCode =
  | 'kubeconfig'
  | 'unreachable'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'invalid'
  | 'too-many-requests'
  | 'server-error'
  | 'timeout'
  | 'aborted'
  | 'exec-refused'
  | 'exec-cut'
  | 'exec-output-too-large'
  | 'forward-refused'
  | 'forward-cut';

/** What a cluster or the way to it answered; `status` is the HTTP code when there was one. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  readonly status: number | undefined;
  readonly hint: string | undefined;

  constructor(
    code: KubeErrorCode,
    message: string,
    options: { status?: number | undefined; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.hint = options.hint;
  }
}
