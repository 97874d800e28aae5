import { isolatePod } from '../../engine/index.ts';
import { exitCodeOf, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { printSession } from '../render/session.ts';
import { toRequest, type SessionFlags } from '../session-request.ts';
import { conduct } from './conduct.ts';
import { dryRun } from './run.ts';

/** Takes the Pod out and leaves it out. */
export async function isolate(io: Io, target: string, flags: SessionFlags): Promise<ExitCode> {
  if (flags.dryRun !== undefined && flags.dryRun !== 'none') {
    return await dryRun(io, target, { ...flags, diagnostic: 'none' });
  }
  const session = await conduct(io, flags, (kube, listeners) =>
    isolatePod(kube, toRequest(target, kube.namespace, flags), {
      signal: io.signal,
      ...listeners,
    }),
  );
  await printSession(io, flags, session);
  return exitCodeOf(session);
}
