import { PitstopError } from '../../errors.ts';
import { artifactOf, keepOnly } from '../artifact-file.ts';
import type { Diagnostic, DiagnosticContext, DiagnosticOutcome } from '../diagnostic.ts';
import { detected, findJvm, toolCommand, type JdkTool, type Jvm } from './jvm.ts';
import { runDetached } from '../../container/run-detached.ts';
import { smallPreflight } from '../small-preflight.ts';
import { makeWorkDirectory } from '../../container/work-directory.ts';

const tools: readonly JdkTool[] = ['jcmd', 'jstack'];

/** What every thread of a JVM is doing, with locks. */
export const jvmThreads: Diagnostic = {
  name: 'jvm-threads',
  summary: 'thread dump of a JVM with locks (text), by jcmd or jstack; a short pause',
  automatic: false,
  async detect(context) {
    const found = await findJvm(context, tools);
    return 'jvm' in found ? detected(found.jvm, tools) : { works: false, reason: found.reason };
  },
  preflight: (context) => smallPreflight(context, 'a thread dump'),
  async run(context, detection) {
    const found = await findJvm(context, tools);
    if (!('jvm' in found)) throw new PitstopError('diagnostic-unavailable', found.reason);
    return await dump(context, found.jvm, detection.tool === 'jstack' ? 'jstack' : 'jcmd');
  },
};

async function dump(
  context: DiagnosticContext,
  jvm: Jvm,
  tool: 'jcmd' | 'jstack',
): Promise<DiagnosticOutcome> {
  const pid = String(jvm.process.pid);
  const directory = await makeWorkDirectory(context);
  try {
    const args = tool === 'jcmd' ? [pid, 'Thread.print', '-l'] : ['-l', pid];
    const path = `${directory.path}/stdout`;
    const { exitCode, stdout, stderr } = await runDetached(context, {
      argv: toolCommand(jvm, tool, args),
      directory,
      watch: path,
      onSize: (doneBytes) =>
        context.onProgress({ message: 'the JVM prints its threads', doneBytes }),
    });
    const artifact = await artifactOf(context, path, { format: 'text', extension: '.threads.txt' });
    if (!artifact || exitCode !== 0) {
      throw new PitstopError(
        'diagnostic-failed',
        `${tool} printed no threads of pid ${pid} (exit code ${exitCode}); it said:\n${stderr.trim() || stdout.trim() || '(nothing)'}`,
      );
    }
    await keepOnly(context, directory.path, 'stdout');
    return { exitCode, artifact };
  } catch (error) {
    await directory.remove().catch(() => undefined);
    throw error;
  }
}
