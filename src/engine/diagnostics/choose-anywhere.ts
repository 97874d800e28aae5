import type { Pod } from 'kubernetes-types/core/v1.js';
import { openWay, type Way } from '../container/open-way.ts';
import { NoShell } from '../container/shell.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import type { SessionRequest } from '../plan/request.ts';
import { chooseDiagnostic, NothingWorks, type ChosenDiagnostic } from './choose-diagnostic.ts';

export interface ChosenAnywhere {
  readonly chosen: ChosenDiagnostic;
  /** Where it runs: the container itself, or an ephemeral container that sees it. */
  readonly target: Target;
  /** To be ended with the session. */
  readonly way?: Way;
}

/**
 * The diagnostic to run, in the container; where that has no shell, or not what it takes, through an
 * ephemeral container as its user. Throws as `chooseDiagnostic`, and `debug-container`.
 */
export async function chooseAnywhere(
  target: Target,
  pod: Pod,
  {
    request,
    signal,
    onProgress,
  }: {
    readonly request: SessionRequest;
    readonly signal: AbortSignal;
    readonly onProgress?: ((message: string) => void) | undefined;
  },
): Promise<ChosenAnywhere> {
  let within: PitstopError;
  try {
    return { chosen: await chooseDiagnostic(target, request, signal), target };
  } catch (error) {
    if (!mayWorkAside(error)) throw error;
    if (request.debugImage === 'none') throw withoutHelp(error);
    within = error;
  }
  onProgress?.(`${within.message}: adding an ephemeral container`);
  await using held = new AsyncDisposableStack();
  const way = held.use(
    await openWay(target, pod, { image: request.debugImage, signal, onProgress }),
  );
  try {
    const chosen = await chooseDiagnostic(way.target, request, signal);
    held.move();
    return { chosen, target: way.target, way };
  } catch (error) {
    if (!(error instanceof PitstopError)) throw error;
    throw new PitstopError(
      error.code,
      `${within.message}\nand through ephemeral container ${way.helper.name} (${request.debugImage ?? 'the usual image'}): ${error.message}`,
      { hint: error.hint, cause: error },
    );
  }
}

/** Whether an ephemeral container may do what the container itself cannot. */
export function mayWorkAside(error: unknown): error is PitstopError {
  return error instanceof NoShell || (error instanceof NothingWorks && error.mayWorkAside);
}

function withoutHelp(error: PitstopError): PitstopError {
  return new PitstopError(error.code, error.message, {
    hint: 'without --debug-image=none, an ephemeral container does it',
    cause: error,
  });
}
