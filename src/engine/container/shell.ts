import { KubeError, type ExecOutput } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { execPlace, type Target } from './target.ts';

/** `$0` of every script of ours in a container: how process discovery tells our own from the app's. */
export const ownName = 'pitstop-exec';

export function shellCommand(script: string, args: readonly string[]): readonly string[] {
  return ['sh', '-c', script, ownName, ...args];
}

/**
 * Runs a POSIX shell script in the container. Throws `diagnostic-unavailable` when there is no `sh`,
 * `container-not-found` when there is no such running container.
 */
export async function runScript(
  target: Target,
  script: string,
  args: readonly string[],
  options: { readonly signal: AbortSignal; readonly maxBytes?: number },
): Promise<ExecOutput> {
  const command = shellCommand(script, args);
  try {
    const output = await target.kube.execText({ ...execPlace(target), command, ...options });
    // Some runtimes report a missing executable as the exit code a shell would give.
    if (output.exitCode === 127 && output.stdout === '') throw new NoShell(target);
    return output;
  } catch (error) {
    throw explained(error, target);
  }
}

/** The `PitstopError` behind a refused exec, where there is one; anything else as it came. */
export function explained(error: unknown, target: Target): unknown {
  if (!(error instanceof KubeError) || error.code !== 'exec-refused') return error;
  if (/executable file not found|no such file or directory|stat .*sh/i.test(error.message)) {
    return new NoShell(target, error);
  }
  if (
    /container .*(not found|not valid|not running|not created)|not running/i.test(error.message)
  ) {
    return new PitstopError('container-not-found', error.message, { cause: error });
  }
  return error;
}

/** The container has no shell: what needs one may be done through an ephemeral container. */
export class NoShell extends PitstopError {
  constructor({ namespace, pod, container, via }: Target, cause?: unknown) {
    const where = via
      ? `the image of ephemeral container ${via.container} of pod ${namespace}/${pod}`
      : `container ${container} of pod ${namespace}/${pod}`;
    super(
      'diagnostic-unavailable',
      `${where} has no shell (sh), which diagnostics and collection need`,
      { cause, hint: 'another container of the Pod may have one: -c NAME' },
    );
  }
}
