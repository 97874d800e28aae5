import { KubeError } from './errors.ts';
import { statusOf } from './status.ts';

/**
 * Reads the `Status` of channel 3: the exit code, or why the command could not be run at all
 * (`exec-refused`, with the runtime's own words).
 */
export function readExitStatus(payload: string, where: string): { exitCode: number } | KubeError {
  const status = statusOf(payload);
  if (status?.status === 'Success') return { exitCode: 0 };
  const cause = status?.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  const exitCode = Number(cause?.message ?? Number.NaN);
  if (status?.reason === 'NonZeroExitCode' && Number.isInteger(exitCode)) return { exitCode };
  const said = (status?.message ?? payload).replace(/^(Internal error occurred: )+/, '');
  return new KubeError('exec-refused', `the command could not be run in ${where}: ${said}`);
}
