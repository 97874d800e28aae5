import type { ContainerProcess } from '../../container/processes.ts';
import { refusesAttaching } from './start-options.ts';

/** What the look script printed, by its words. */
export type Facts = ReadonlyMap<string, readonly string[]>;

const sigquit = 3;

/** Why attaching must not be tried, from what /proc tells; undefined when it may. */
export function attachObstacle(
  process: ContainerProcess,
  execUid: number,
  facts: Facts,
): string | undefined {
  const { pid, uid, caughtSignals } = process;
  const jvm = `the JVM (pid ${pid})`;
  // attachListener_posix.cpp: the VM answers its own user and root.
  if (execUid !== 0 && execUid !== uid) {
    return `${jvm} runs as uid ${uid} and exec as uid ${execUid}: it would not answer`;
  }
  const machines = facts.get('vm') ?? [];
  if (machines.includes('openj9')) {
    return `${jvm} is OpenJ9, which does not speak HotSpot's attach protocol; its own jcmd can be run as any command: run POD --collect '@DIR/*' -- jcmd ${pid} Dump.heap @DIR/heap.phd`;
  }
  // Whatever is named java need not be one (a wrapper, a launcher that has not got that far).
  if (!machines.includes('hotspot') && !machines.includes('hidden')) {
    return `pid ${pid} is named java, but has no libjvm.so: attaching might end it`;
  }
  if (refusesAttaching(process, facts)) {
    return `${jvm} was started with -XX:+DisableAttachMechanism`;
  }
  // Attaching begins with a SIGQUIT, which ends a process that has no handler for it.
  if (!caughtSignals.includes(sigquit)) {
    return `${jvm} does not handle SIGQUIT (-Xrs, or it is still starting): attaching would end it`;
  }
  const state = facts.get('state')?.[0];
  if (state === 'T' || state === 't') {
    return `${jvm} is stopped (${state === 'T' ? 'SIGSTOP' : 'by a debugger'}): it answers nothing until it goes on (kill -CONT ${pid})`;
  }
  if (state === 'Z') return `${jvm} has ended, and its parent has not noticed`;
  return undefined;
}
