import { PitstopError } from '../../errors.ts';
import { artifactOf, keepOnly } from '../artifact-file.ts';
import type { Diagnostic, DiagnosticContext, DiagnosticOutcome } from '../diagnostic.ts';
import { heapDumpPreflight, heapNeeds } from './preflight.ts';
import { detected, findJvm, readHeapUsed, toolCommand, type JdkTool, type Jvm } from './jvm.ts';
import { runDetached, type DetachedRun } from '../../container/run-detached.ts';
import { makeWorkDirectory } from '../../container/work-directory.ts';

const tools: readonly JdkTool[] = ['jcmd', 'jmap'];

/** An HPROF dump of the live objects, which the JVM itself writes while it stands still. */
export const jvmHeap: Diagnostic = {
  name: 'jvm-heap',
  summary:
    'heap dump of a JVM (HPROF, live objects), by jcmd or jmap; the JVM stands still meanwhile',
  automatic: true,
  async detect(context) {
    const found = await findJvm(context, tools);
    return 'jvm' in found ? detected(found.jvm, tools) : { works: false, reason: found.reason };
  },
  async preflight(context) {
    const found = await findJvm(context, tools);
    if (!('jvm' in found)) throw new PitstopError('diagnostic-unavailable', found.reason);
    return await heapDumpPreflight(context, found.jvm);
  },
  async run(context, detection) {
    const found = await findJvm(context, tools);
    if (!('jvm' in found)) throw new PitstopError('diagnostic-unavailable', found.reason);
    return await dump(context, found.jvm, detection.tool === 'jmap' ? 'jmap' : 'jcmd');
  },
};

async function dump(
  context: DiagnosticContext,
  jvm: Jvm,
  tool: 'jcmd' | 'jmap',
): Promise<DiagnosticOutcome> {
  const { pid, uid, gid, residentBytes } = jvm.process;
  const usedBytes = (await readHeapUsed(jvm, context)) ?? residentBytes;
  const directory = await makeWorkDirectory(context, {
    owner: { uid, gid },
    neededBytes: heapNeeds(usedBytes),
  });
  try {
    const path = `${directory.path}/heap.hprof`;
    const args =
      tool === 'jcmd'
        ? [String(pid), 'GC.heap_dump', path]
        : [`-dump:live,format=b,file=${path}`, String(pid)];
    const ran = await runDetached(context, {
      argv: toolCommand(jvm, tool, args),
      directory,
      watch: path,
      onSize: (doneBytes) =>
        context.onProgress({
          message: doneBytes === 0 ? 'the JVM collects garbage first' : 'the JVM writes its heap',
          doneBytes,
          totalBytes: Math.max(usedBytes, doneBytes),
        }),
    });
    const artifact = await artifactOf(context, path, { format: 'hprof', extension: '.hprof' });
    if (!artifact || ran.exitCode !== 0 || !/Heap dump file created/.test(ran.stdout)) {
      throw refused(context, tool, pid, ran);
    }
    await keepOnly(context, directory.path, 'heap.hprof');
    return { exitCode: 0, artifact };
  } catch (error) {
    await directory.remove().catch(() => undefined);
    throw error;
  }
}

function refused(
  { target }: DiagnosticContext,
  tool: string,
  pid: number,
  { stdout, stderr, exitCode }: DetachedRun,
): PitstopError {
  const words = [stdout.trim(), stderr.trim()].filter((text) => text !== '').join('\n');
  return new PitstopError(
    'diagnostic-failed',
    `${tool} made no heap dump of pid ${pid} in pod ${target.namespace}/${target.pod} (exit code ${exitCode}); it said:\n${words || '(nothing)'}`,
  );
}
