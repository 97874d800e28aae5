import type { Way } from '../container/open-way.ts';
import { NoShell } from '../container/shell.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import type { SessionRequest } from '../plan/request.ts';
import { chooseDiagnostic, NothingWorks, type ChosenDiagnostic } from './choose-diagnostic.ts';

interface ChosenAnywhere {
  readonly chosen: ChosenDiagnostic;
  /** Where it runs: the container itself, or an ephemeral container that sees it. */
  readonly target: Target;
}

/**
 * The diagnostic to run, in the container; where that has no shell, or not what it takes, through an
 * ephemeral container as its user, which `openAside` opens. Throws as `chooseDiagnostic`, and
 * `debug-container`.
 */
export async function chooseAnywhere(
  target: Target,
  {
    request,
    signal,
    openAside,
  }: {
    readonly request: SessionRequest;
    readonly signal: AbortSignal;
    readonly openAside: () => Promise<Way>;
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
  const aside = await openAside();
  try {
    return {
      chosen: await chooseDiagnostic(aside.target, request, signal),
      target: aside.target,
    };
  } catch (error) {
    if (!(error instanceof PitstopError)) throw error;
    throw new PitstopError(
      error.code,
      `${within.message}\nand through ephemeral container ${aside.helper.name}: ${error.message}`,
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
