import { restorePods, type RestoreRequest } from '../../engine/index.ts';
import { worstExitCode, exitCodes, type ExitCode } from '../exit-code.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { printSession } from '../render/session.ts';
import { UsageError } from '../usage-error.ts';
import { conduct } from './conduct.ts';

interface RestoreFlags extends CommonFlags {
  readonly all?: boolean;
  readonly expired?: boolean;
  readonly allNamespaces?: boolean;
  readonly clean?: boolean;
  readonly keep?: RestoreRequest['keep'];
  readonly whenUnwanted?: RestoreRequest['whenUnwanted'];
  /** Milliseconds. */
  readonly restoreTimeout?: number;
}

/** Puts Pods back from the undo records they carry. */
export async function restore(
  io: Io,
  pod: string | undefined,
  flags: RestoreFlags,
): Promise<ExitCode> {
  const { all, expired, allNamespaces } = flags;
  if ([pod, all, expired].filter(Boolean).length !== 1) {
    throw new UsageError(
      'name one Pod, or give --all or --expired',
      'kubectl pitstop status shows who is out',
    );
  }
  if (pod !== undefined && allNamespaces) {
    throw new UsageError('a Pod is in one namespace: -A goes with --all or --expired');
  }
  let where = 'in any namespace';
  const sessions = await conduct(io, flags, (kube, { onEvent }) => {
    const { namespace } = kube;
    if (!allNamespaces) where = `in ${namespace} namespace`;
    return restorePods(
      kube,
      {
        namespace,
        allNamespaces,
        pod,
        all,
        expired,
        clean: flags.clean,
        keep: flags.keep,
        whenUnwanted: flags.whenUnwanted,
        restoreTimeoutMs: flags.restoreTimeout,
      },
      { signal: io.signal, onEvent, onWait: (message) => say(io, flags, message) },
    );
  });
  if (pod === undefined && (flags.output === 'json' || flags.output === 'yaml')) {
    await printDocument(io, flags.output, {
      apiVersion: 'pitstop.dev/v1alpha1',
      kind: 'SessionList',
      items: sessions,
    });
    return worstExitCode(sessions);
  }
  if (sessions.length === 0) {
    io.stderr.write(`No Pod is out ${where}${expired ? ' without a live session' : ''}.\n`);
    return exitCodes.done;
  }
  for (const session of sessions) await printSession(io, flags, session);
  return worstExitCode(sessions);
}

/** Before the first session there is no frame that a line could disturb. */
function say(io: Io, { progress }: CommonFlags, message: string): void {
  if (progress !== 'none' && progress !== 'json') io.stderr.write(`${message}\n`);
}
