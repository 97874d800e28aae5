import { reach, type Target } from '../../container/target.ts';
import { leanJvm, speakerWords } from './attach/speakers.ts';
import { attachScript } from './attach/attach-script.ts';
import type { JdkTool, Jvm, Speaker } from './jvm.ts';

/** A tool of the JDK that says any diagnostic command, or the attach socket and what speaks to it. */
export type SpeakingWay =
  | { readonly kind: 'jcmd'; readonly path: string }
  | { readonly kind: 'attach'; readonly speaker: Speaker };

/** A way to have a JVM do something; the older tools do one thing each. */
export type Way = SpeakingWay | { readonly kind: 'jmap' | 'jstack'; readonly path: string };

export function isSpeaking(way: Way): way is SpeakingWay {
  return way.kind === 'jcmd' || way.kind === 'attach';
}

/**
 * The ways that there are, in the order to be preferred: `jcmd`, then the older tool that does this
 * one thing, then the attach socket. From an ephemeral container the socket comes first: with the
 * JVM's PIDs for its own, `jcmd` before JDK 24 looks for the socket in its own /tmp (JDK-8327114).
 */
export function waysOf(jvm: Jvm, older?: JdkTool): readonly Way[] {
  const { tools, speakers, isAside, memoryLeftBytes = Infinity } = jvm;
  const named = (['jcmd', older] as const).flatMap((kind) => {
    const path = kind && tools[kind];
    return path ? [{ kind, path }] : [];
  });
  const spoken = speakers.map((speaker) => ({ kind: 'attach', speaker }) as const);
  if (isAside) return [...spoken, ...named];
  const ways = [...named, ...spoken];
  // Where the kernel might kill the JVM for the sake of a tool, the smallest tool comes first.
  const isTight = memoryLeftBytes < 1.5 * jvmBytes;
  return isTight ? ways.toSorted((a, b) => memoryOf(a) - memoryOf(b)) : ways;
}

/** As a detection names it: `jcmd`, `jmap`, `attach (perl)`. */
export function nameOf(way: Way): string {
  return way.kind === 'attach' ? `attach (${way.speaker.name})` : way.kind;
}

/** What a JVM that only carries words takes of memory (45 MiB measured), in bytes. */
const jvmBytes = 64 * 2 ** 20;

/** Bytes of memory that the way itself takes, at worst: the JDK's tools are JVMs too. */
export function memoryOf(way: Way): number {
  const isLight = way.kind === 'attach' && !['java', 'node'].includes(way.speaker.name);
  return isLight ? jvmBytes / 4 : jvmBytes;
}

/**
 * The command line that says diagnostic commands (one a line) to the JVM by `jcmd` or the socket;
 * `folder` is where the class file for `java` lies. The answers are its output, and a non-zero exit
 * code that the last was refused.
 */
export function sayWords(
  jvm: Jvm,
  way: SpeakingWay,
  command: string,
  { target, folder }: { readonly target: Pick<Target, 'via'>; readonly folder: string },
): readonly string[] {
  if (way.kind === 'jcmd') return toolWords(jvm, way, [String(jvm.process.pid), command]);
  const { process, ownPid, asUser, execUid } = jvm;
  const socket = reach(target, `/tmp/.java_pid${ownPid}`);
  const isOther = execUid === 0 && process.uid !== 0 && asUser.length === 0;
  return [
    ...asUser,
    'sh',
    '-c',
    attachScript,
    'sh',
    String(process.pid),
    socket,
    `.attach_pid${ownPid}`,
    isOther ? `${process.uid}:${process.gid}` : '',
    ...speakerWords(way.speaker, { socket, command, folder: reach(target, folder) }),
  ];
}

/**
 * The command line of a JDK tool, as the JVM's own user where root can become that (JVMs before 11
 * answer nobody else), and without what the container's environment has meant for the application.
 */
export function toolWords(
  { asUser }: Jvm,
  { path }: { readonly path: string },
  args: readonly string[],
): readonly string[] {
  const bare = 'unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS; exec "$@"';
  const lean = leanJvm.map((option) => `-J${option}`);
  return [...asUser, 'sh', '-c', bare, 'sh', path, ...lean, ...args];
}
