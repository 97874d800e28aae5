import { PitstopError } from '../../errors.ts';
import type { Detection, DiagnosticContext } from '../diagnostic.ts';
import { findJvm, theJvm } from './find-jvm.ts';
import { describeJvm, type JdkTool, type Jvm } from './jvm.ts';
import { nameOf, waysOf, type Way } from './way.ts';

/**
 * Whether there is a JVM and a way to talk to it; `older` is the JDK's tool that does this one thing
 * where there is no jcmd. `obstacle` says what else stands in the way.
 */
export async function detectJvm(
  context: DiagnosticContext,
  given: { readonly pid?: number },
  older?: JdkTool,
  obstacle?: (jvm: Jvm) => string | undefined,
): Promise<Detection> {
  const found = await findJvm(context, given.pid);
  if (!('jvm' in found)) return { works: false, ...found };
  const { jvm } = found;
  const reason = obstacle?.(jvm);
  if (reason !== undefined) return { works: false, reason };
  const [way] = waysOf(jvm, older);
  if (!way) return { works: false, reason: noWay(jvm), mayWorkAside: true };
  const { pid, uid, command } = jvm.process;
  const detail = `${nameOf(way)} on ${describeJvm(jvm)}`;
  return { works: true, tool: nameOf(way), process: { pid, uid, command }, detail };
}

/** The JVM and the way that were detected, as they are now. Throws `diagnostic-unavailable`. */
export async function subjectOf(
  context: DiagnosticContext,
  {
    pid,
    detection,
    older,
  }: {
    readonly pid?: number | undefined;
    readonly detection: Extract<Detection, { works: true }>;
    readonly older?: JdkTool | undefined;
  },
): Promise<{ readonly jvm: Jvm; readonly way: Way }> {
  const jvm = await theJvm(context, pid ?? detection.process?.pid);
  const ways = waysOf(jvm, older);
  const way = ways.find((each) => nameOf(each) === detection.tool) ?? ways[0];
  if (way) return { jvm, way };
  throw new PitstopError('diagnostic-unavailable', noWay(jvm));
}

function noWay(jvm: Jvm): string {
  return `a JVM runs, ${describeJvm(jvm)}, but of the JDK's tools only ${Object.keys(jvm.tools).join(', ')} is there, and nothing that could speak to its attach socket`;
}
