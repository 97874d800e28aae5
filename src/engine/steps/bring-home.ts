import type { RemoteArtifact } from '../diagnostics/index.ts';
import type { Target } from '../container/target.ts';
import type { SessionLog } from '../session/session-log.ts';
import type { Artifact } from '../session/session.ts';
import { formatSize } from '../words.ts';
import type { Compress } from '../collection/codec.ts';
import type { Store } from '../collection/packed-part.ts';
import { lookAt, lookInto } from '../collection/remote-file.ts';
import { collect } from './collect.ts';

/** Step `collect` with its events: the file comes home, verified, and the session knows it. */
export async function bringHome(
  log: SessionLog,
  options: {
    readonly target: Target;
    readonly remote: RemoteArtifact;
    readonly destination: string;
    readonly keepRemote: boolean;
    readonly compress?: Compress | undefined;
    readonly store?: Store | undefined;
    /** The Pod is in service. */
    readonly gentle?: boolean;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { target, remote, signal } = options;
  await log.step('collect', signal, async () => {
    const artifact = await collect({
      ...options,
      onProgress: ({ message, doneBytes, totalBytes }) =>
        log.progress('collect', message, { done: doneBytes, total: totalBytes }),
    }).catch(async (error: unknown) => {
      if (signal.aborted && (await isStillThere(target, remote))) {
        log.emit({ type: 'warning', message: howToFetch(target, remote) });
      }
      throw error;
    });
    log.emit({ type: 'artifact', artifact });
    const agreed = artifact.verified ? 'agreed on both ends' : 'NOT compared: no tool for it there';
    return {
      message: `${formatSize(artifact.sizeBytes)}${overTheWire(artifact)}, sha256 ${artifact.sha256.slice(0, 12)}… ${agreed}`,
      value: undefined,
    };
  });
}

function overTheWire({ compression, wireBytes }: Artifact): string {
  return compression === 'none' || wireBytes === undefined
    ? ''
    : ` (${compression}: ${formatSize(wireBytes)} over the wire)`;
}

/** Asked anew: the interruption may have come when the file was home and removed. */
async function isStillThere(target: Target, { path, format }: RemoteArtifact): Promise<boolean> {
  const look = format === 'directory' ? lookInto : lookAt;
  return await look(target, path, AbortSignal.timeout(5_000)).then(
    () => true,
    () => false,
  );
}

function howToFetch({ pod, namespace }: Target, { path }: RemoteArtifact): string {
  return `${path} is still in the container: kubectl pitstop collect ${pod} ${path} -n ${namespace} brings it home`;
}
