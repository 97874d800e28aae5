import type { RemoteArtifact, Target } from '../diagnostics/index.ts';
import type { SessionLog } from '../session/session-log.ts';
import { formatSize } from '../words.ts';
import { collect } from './collect.ts';

/** Step `collect` with its events: the file comes home, verified, and the session knows it. */
export async function bringHome(
  log: SessionLog,
  options: {
    readonly target: Target;
    readonly remote: RemoteArtifact;
    readonly destination: string;
    readonly keepRemote: boolean;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  await log.step('collect', options.signal, async () => {
    const artifact = await collect({
      ...options,
      onProgress: ({ message, doneBytes, totalBytes }) =>
        log.progress('collect', message, { done: doneBytes, total: totalBytes }),
    });
    log.emit({ type: 'artifact', artifact });
    const agreed = artifact.verified ? 'agreed on both ends' : 'NOT compared: no tool for it there';
    return {
      message: `${formatSize(artifact.sizeBytes)}, sha256 ${artifact.sha256.slice(0, 12)}… ${agreed}`,
      value: undefined,
    };
  });
}
