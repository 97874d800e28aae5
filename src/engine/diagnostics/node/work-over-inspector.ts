import { runDetached } from '../../container/run-detached.ts';
import { reach } from '../../container/target.ts';
import { makeWorkDirectory, type WorkDirectory } from '../../container/work-directory.ts';
import { writeFile } from '../../container/write-file.ts';
import { PitstopError } from '../../errors.ts';
import { artifactOf, keepOnly } from '../artifact-file.ts';
import type { ArtifactFormat, DiagnosticContext, DiagnosticOutcome } from '../diagnostic.ts';
import type { FoundNode } from './find-node.ts';
import { signalFlag, snapshotFolders } from './flags.ts';
import { workByPortForward } from './forwarded-work.ts';
import {
  closeIn,
  closeInspector,
  closesAfterMs,
  whoAreYou,
  type InspectorWork,
} from './inspector-work.ts';
import { nodeProgram, type ProgramJob } from './program.ts';

interface Job {
  readonly node: FoundNode;
  readonly work: InspectorWork;
  /** File name of the artifact; its extension is the local file's. */
  readonly name: string;
  readonly format: ArtifactFormat;
  readonly neededBytes?: number;
  readonly message: (sizeBytes: number) => string;
}

/**
 * Has a Node process do something over its inspector, or by the signal it was started for. The
 * artifact lies in the container; the inspector is left as it was.
 */
export async function workOverInspector(
  context: DiagnosticContext,
  job: Job,
): Promise<DiagnosticOutcome> {
  const { node, name, format, neededBytes } = job;
  const { uid, gid, pid } = node.process;
  const directory = await makeWorkDirectory(context, { owner: { uid, gid }, neededBytes });
  try {
    const path = `${directory.path}/${name}`;
    const onSize = (doneBytes: number) =>
      context.onProgress({ message: job.message(doneBytes), doneBytes });
    const said =
      node.way === 'port-forward'
        ? await workByPortForward(context, { node, work: job.work, file: path, onSize })
        : await runProgram(context, { job, directory, path, onSize });
    if (said.isLeftOpen) {
      context.onProgress({ message: `the inspector of pid ${pid} could not be closed again` });
    }
    const extension = name.slice(name.indexOf('.'));
    const artifact = await artifactOf(context, path, { format, extension });
    if (!artifact) {
      const { namespace, pod } = context.target;
      throw new PitstopError(
        'diagnostic-failed',
        `pid ${pid} in pod ${namespace}/${pod} left no file`,
      );
    }
    await keepOnly(context, directory.path, name);
    return { exitCode: 0, artifact };
  } catch (error) {
    await directory.remove().catch(() => undefined);
    throw error;
  }
}

async function runProgram(
  context: DiagnosticContext,
  {
    job: { node, work },
    directory,
    path,
    onSize,
  }: {
    readonly job: Job;
    readonly directory: WorkDirectory;
    readonly path: string;
    readonly onSize: (sizeBytes: number) => void;
  },
): Promise<{ readonly isLeftOpen: boolean }> {
  const { target } = context;
  const { pid, executable } = node.process;
  const program = `${directory.path}/program.cjs`;
  await writeFile(context, program, nodeProgram);
  const bySignal = node.way === 'heapsnapshot-signal' ? signalFlag(node.flags) : undefined;
  const job: ProgramJob = {
    pid,
    file: reach(target, path),
    address: node.address,
    isOpen: node.isOpen,
    mount: node.mount,
    work,
    whoAreYou,
    close: closeInspector,
    closeLater: closeIn(context.timeoutMs + closesAfterMs),
    ...(bySignal && {
      signal: bySignal,
      folders: snapshotFolders(node.flags).map((folder) => reach(target, folder)),
    }),
  };
  const { exitCode, stdout, stderr } = await runDetached(context, {
    // The container's NODE_OPTIONS are the app's, not ours: --inspect would take its port.
    argv: [
      'sh',
      '-c',
      'NODE_OPTIONS= exec "$@"',
      'sh',
      reach(target, executable),
      // The way through /proc/PID/root is a link that leads elsewhere when it is followed by name.
      ...(target.via ? ['--preserve-symlinks-main'] : []),
      reach(target, program),
      JSON.stringify(job),
    ],
    directory,
    watch: path,
    onSize,
  });
  if (exitCode === 0) return { isLeftOpen: stdout.includes('inspector-left-open') };
  throw new PitstopError(
    'diagnostic-failed',
    `Node (pid ${pid}) in pod ${target.namespace}/${target.pod}: ${stderr.trim() || stdout.trim() || `exit code ${exitCode}`}`,
  );
}
