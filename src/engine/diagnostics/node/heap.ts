import { PitstopError } from '../../errors.ts';
import { artifactOf, keepOnly } from '../artifact-file.ts';
import { runScript } from '../../container/shell.ts';
import type { Detection, Diagnostic, DiagnosticContext, DiagnosticOutcome } from '../diagnostic.ts';
import { nodeHeapProgram } from './heap-program.ts';
import { readInspectorPort, signalFlag, type NodeFlags } from './flags.ts';
import { heapSnapshotPreflight, snapshotNeeds } from './preflight.ts';
import { findProcesses, largest, type ContainerProcess } from '../../container/processes.ts';
import { runDetached } from '../../container/run-detached.ts';
import { makeWorkDirectory } from '../../container/work-directory.ts';
import { writeFile } from '../../container/write-file.ts';

/** A V8 heap snapshot, asked for over the inspector or with the signal the process was started for. */
export const nodeHeap: Diagnostic = {
  name: 'node-heap',
  summary:
    'heap snapshot of Node.js (V8), over the inspector or --heapsnapshot-signal; Node stands still meanwhile',
  automatic: true,
  async detect(context) {
    const found = await findNode(context);
    if ('reason' in found) return { works: false, reason: found.reason };
    const { process, tool } = found;
    const { pid, uid, command } = process;
    const works: Detection = {
      works: true,
      tool,
      process: { pid, uid, command },
      detail: `${tool} of pid ${pid} (${command})`,
    };
    return works;
  },
  async preflight(context) {
    const found = await findNode(context);
    if ('reason' in found) throw new PitstopError('diagnostic-unavailable', found.reason);
    return await heapSnapshotPreflight(context, found.process);
  },
  async run(context) {
    const found = await findNode(context);
    if ('reason' in found) throw new PitstopError('diagnostic-unavailable', found.reason);
    return await snapshot(context, found);
  },
};

interface FoundNode {
  readonly process: ContainerProcess;
  readonly flags: NodeFlags;
  readonly tool: 'inspector' | 'heapsnapshot-signal';
}

const sigusr1 = 10;

async function findNode({
  target,
  signal,
}: Pick<DiagnosticContext, 'target' | 'signal'>): Promise<FoundNode | { reason: string }> {
  const { execUid, processes } = await findProcesses(target, signal);
  const process = largest(processes.filter(({ runtime }) => runtime === 'node'));
  if (!process) return { reason: 'no Node.js runs in the container' };
  const { pid, uid } = process;
  if (execUid !== 0 && execUid !== uid) {
    return {
      reason: `Node (pid ${pid}) runs as uid ${uid} and exec as uid ${execUid}: it cannot be signalled`,
    };
  }
  const { stdout } = await runScript(
    target,
    `tr '\\0' '\\n' <"/proc/$1/environ" 2>/dev/null | sed -n 's/^NODE_OPTIONS=//p'
    printf '\\036'
    readlink "/proc/$1/cwd"`,
    [String(pid)],
    { signal },
  );
  const [options = '', directory = ''] = stdout.split('\u001E').map((part) => part.trim());
  const flags: NodeFlags = {
    words: [...process.argv.slice(1), ...options.split(/\s+/)],
    directory,
  };
  if (signalFlag(flags)) return { process, flags, tool: 'heapsnapshot-signal' };
  if (flags.words.includes('--disable-sigusr1')) {
    return {
      reason: `Node (pid ${pid}) was started with --disable-sigusr1 and without --heapsnapshot-signal`,
    };
  }
  // A process without a handler is ended by SIGUSR1.
  if (!process.caughtSignals.includes(sigusr1)) {
    return { reason: `Node (pid ${pid}) does not handle SIGUSR1: its inspector cannot be opened` };
  }
  return { process, flags, tool: 'inspector' };
}

async function snapshot(context: DiagnosticContext, node: FoundNode): Promise<DiagnosticOutcome> {
  const { pid, uid, gid, residentBytes, executable } = node.process;
  const neededBytes = snapshotNeeds(residentBytes);
  const directory = await makeWorkDirectory(context, { owner: { uid, gid }, neededBytes });
  try {
    const path = `${directory.path}/heap.heapsnapshot`;
    const program = `${directory.path}/program.cjs`;
    await writeFile(context, program, nodeHeapProgram);
    const { exitCode, stdout, stderr } = await runDetached(context, {
      // The container's NODE_OPTIONS are the app's, not ours: --inspect would take its port.
      argv: [
        'sh',
        '-c',
        'NODE_OPTIONS= exec "$@"',
        'sh',
        executable,
        program,
        String(pid),
        path,
        ...how(node),
      ],
      directory,
      watch: path,
      onSize: (doneBytes) =>
        context.onProgress({
          message: doneBytes === 0 ? 'V8 takes the snapshot' : 'V8 writes the snapshot',
          doneBytes,
        }),
    });
    const artifact = await artifactOf(context, path, {
      format: 'heapsnapshot',
      extension: '.heapsnapshot',
    });
    if (!artifact || exitCode !== 0) {
      throw new PitstopError(
        'diagnostic-failed',
        `no heap snapshot of pid ${pid} in pod ${context.target.namespace}/${context.target.pod}: ${stderr.trim() || stdout.trim() || `exit code ${exitCode}`}`,
      );
    }
    if (stdout.includes('inspector-left-open')) {
      context.onProgress({ message: `the inspector of pid ${pid} could not be closed again` });
    }
    await keepOnly(context, directory.path, 'heap.heapsnapshot');
    return { exitCode, artifact };
  } catch (error) {
    await directory.remove().catch(() => undefined);
    throw error;
  }
}

function how({ flags }: FoundNode): readonly string[] {
  const signal = signalFlag(flags);
  if (!signal) return ['inspector', String(readInspectorPort(flags))];
  const folder = flags.words.find((word) => word.startsWith('--diagnostic-dir='))?.slice(17);
  return ['signal', signal, ...(folder ? [folder] : []), flags.directory];
}
