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
  const { all, expired } = flags;
  if ([pod, all, expired].filter(Boolean).length !== 1) {
    throw new UsageError(
      'name one Pod, or give --all or --expired',
      'kubectl pitstop status shows who is out',
    );
  }
  let namespace = '';
  const sessions = await conduct(io, flags, (kube, onEvent) => {
    ({ namespace } = kube);
    return restorePods(
      kube,
      {
        namespace,
        pod,
        all,
        expired,
        clean: flags.clean,
        keep: flags.keep,
        whenUnwanted: flags.whenUnwanted,
        restoreTimeoutMs: flags.restoreTimeout,
      },
      { signal: io.signal, onEvent },
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
    io.stderr.write(
      `No Pod is out in ${namespace} namespace${expired ? ' without a live session' : ''}.\n`,
    );
    return exitCodes.done;
  }
  for (const session of sessions) await printSession(io, flags, session);
  return worstExitCode(sessions);
}
