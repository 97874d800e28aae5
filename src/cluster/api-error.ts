import type { Status, StatusCause } from 'kubernetes-types/meta/v1.js';

/** A refusal in the API server's own words; `status` is the body the client gets. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: Status & { readonly code: number; readonly message: string };

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: {
      readonly name?: string;
      readonly group?: string;
      readonly kind?: string;
      readonly uid?: string;
      readonly causes?: StatusCause[];
      readonly retryAfterSeconds?: number;
    },
  ) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason !== '' && { reason }),
      ...(details && { details }),
      code,
    };
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}
