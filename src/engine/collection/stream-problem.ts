import { KubeError } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';

/** A stream that went otherwise than it said, though nothing was cut. */
export class StreamProblem extends Error {
  override readonly name = 'StreamProblem';
}

/** Whether another stream may do better. */
export function mayResume(error: unknown): boolean {
  if (error instanceof StreamProblem || isDecodeError(error)) return true;
  // A container that is just being restarted refuses a look as it refuses a stream.
  if (error instanceof PitstopError) return mayResume(error.cause);
  const passing = [
    'exec-cut',
    'exec-refused',
    'unreachable',
    'timeout',
    'server-error',
    'too-many-requests',
  ];
  return error instanceof KubeError && passing.includes(error.code);
}

/** What was compressed has been damaged on its way, or cut by a tool that died. */
function isDecodeError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  return /^(Z_|ZSTD_|ERR_STREAM_PREMATURE_CLOSE)/.test(code);
}
