import type { Way } from '../container/open-way.ts';
import { NoShell } from '../container/shell.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import type { SessionRequest } from '../plan/request.ts';
import type { HelperNeeds } from './diagnostic.ts';
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
    readonly openAside: (needs?: HelperNeeds) => Promise<Way>;
  },
): Promise<ChosenAnywhere> {
  const tried: string[] = [];
  let place = target;
  for (;;) {
    try {
      return { chosen: await chooseDiagnostic(place, request, signal), target: place };
    } catch (error) {
      if (!(error instanceof PitstopError)) throw error;
      const needs = error instanceof NothingWorks ? error.helper : undefined;
      // Once there is one, only another kind of it can make a difference.
      const mayHelp = mayWorkAside(error) && (!place.via || (needs?.traces && tried.length < 2));
      if (mayHelp && request.debugImage === 'none') throw withoutHelp(error);
      if (!mayHelp) throw tried.length === 0 ? error : allOf(tried, error);
      tried.push(error.message);
      place = (await openAside(needs)).target;
    }
  }
}

function allOf(tried: readonly string[], last: PitstopError): PitstopError {
  const message = [...tried, `through an ephemeral container: ${last.message}`].join('\n');
  return new PitstopError(last.code, message, { hint: last.hint, cause: last });
}

/** Whether an ephemeral container may do what the container itself cannot. */
export function mayWorkAside(error: unknown): error is PitstopError {
  return error instanceof NoShell || (error instanceof NothingWorks && error.mayWorkAside);
}

/** The error where an ephemeral container might do it, and none is wanted. */
export function withoutHelp(error: PitstopError): PitstopError {
  return new PitstopError(error.code, error.message, {
    hint: 'without --debug-image=none, an ephemeral container does it',
    cause: error,
  });
}
