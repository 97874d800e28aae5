import type { ContainerProcess } from '../../container/processes.ts';
import type { NativeMemoryTracking } from './start-options.ts';

/** A JVM in the container, and what there is to talk to it with. */
export interface Jvm {
  readonly process: ContainerProcess;
  /** Its number in its own PID namespace, by which it names its files in /tmp. */
  readonly ownPid: number;
  /** We look at it from an ephemeral container, not from its own. */
  readonly isAside: boolean;
  /** The user that exec runs as. */
  readonly execUid: number;
  /** How many JVMs besides it run in the container. */
  readonly others: number;
  /** Absolute path of each JDK tool that there is. */
  readonly tools: Readonly<Partial<Record<JdkTool, string>>>;
  /** What can speak to its attach socket, the lightest first. */
  readonly speakers: readonly Speaker[];
  /** What goes before a command to have it run as the JVM's own user; empty where it is ours already. */
  readonly asUser: readonly string[];
  /** Processors that the container may use, its CPU quota aside. */
  readonly processors: number;
  readonly nodeProcessors: number;
  /** Runnable processes on the node in the last minute. */
  readonly nodeLoad: number;
  /** What the container's memory limit leaves, in bytes; undefined where there is none. */
  readonly memoryLeftBytes: number | undefined;
  /** Its runtime image was made without the module of the flight recorder. */
  readonly lacksRecorder: boolean;
  readonly nativeMemory: NativeMemoryTracking;
  /** Its feature release (8, 21); undefined where no file of its runtime image tells. */
  readonly release: number | undefined;
}

export const jdkTools = ['jcmd', 'jmap', 'jstack'] as const;

export type JdkTool = (typeof jdkTools)[number];

export const speakerNames = ['perl', 'python3', 'node', 'socat', 'nc', 'java'] as const;

/** A program that can open a Unix socket. */
export interface Speaker {
  readonly name: (typeof speakerNames)[number];
  readonly path: string;
}

/** `pid 7 (java -jar app.jar)`, and that it is one of several. */
export function describeJvm({ process, others }: Pick<Jvm, 'process' | 'others'>): string {
  const among = others > 0 ? `, one of ${others + 1} JVMs` : '';
  return `pid ${process.pid} (${process.command})${among}`;
}
