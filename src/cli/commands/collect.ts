import { collectFile } from '../../engine/index.ts';
import { exitCodeOf, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { printSession } from '../render/session.ts';
import type { SessionFlags } from '../session-request.ts';
import { UsageError } from '../usage-error.ts';
import { conduct } from './conduct.ts';

/** Brings a file or directory home. */
export async function collect(
  io: Io,
  target: string,
  path: string,
  flags: SessionFlags,
): Promise<ExitCode> {
  if (!path.startsWith('/')) {
    throw new UsageError(`FILE must be an absolute path, not ${path}`, `/${path}`);
  }
  if (flags.artifactOutput === '-' && (flags.store ?? 'dumped') !== 'dumped') {
    throw new UsageError(
      '-O - writes the file as it is, --store packs one',
      `kubectl pitstop collect ${target} ${path} -O - | zstd`,
    );
  }
  const session = await conduct(io, flags, (kube, listeners) =>
    collectFile(
      kube,
      {
        target,
        namespace: kube.namespace,
        container: flags.container,
        path,
        output: flags.artifactOutput,
        keepRemote: flags.keepRemote,
        compress: flags.compress,
        store: flags.store,
        debugImage: flags.debugImage,
      },
      { signal: io.signal, ...listeners },
    ),
  );
  await printSession(io, flags, session);
  return exitCodeOf(session);
}
