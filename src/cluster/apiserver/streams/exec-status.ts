import { randomBytes } from 'node:crypto';
import { hasStatus } from './channel-protocols.ts';
import type { Status } from 'kubernetes-types/meta/v1.js';

/** What channel 3 (or SPDY's error stream) carries at the end. */
export type ExecStatus = Status & { readonly code?: number };

/** How a protocol tells the end; '' when it says nothing. */
export function statusText(status: ExecStatus, protocol: string): string {
  if (hasStatus(protocol)) return JSON.stringify(status);
  return status.status === 'Success' ? '' : (status.message ?? '');
}

/** The status of a command that ran; `words` tells the exit code as this protocol's server does. */
export function exitStatus(exitCode: number, words: string): ExecStatus {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${words}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: `${exitCode}` }] },
  };
}

/** The status of a command that could not be run. */
export function failureStatus(error: unknown): ExecStatus {
  const message = error instanceof Error ? error.message : String(error);
  return internalError(
    message.startsWith('OCI') ? execFailed(message) : `unable to upgrade connection: ${message}`,
  );
}

/** The API server wraps what the kubelet wraps what the runtime says. */
function execFailed(message: string): string {
  return `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "${randomBytes(32).toString('hex')}": ${message}`;
}

function internalError(message: string): ExecStatus {
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    details: { causes: [{ message }] },
    code: 500,
  };
}
