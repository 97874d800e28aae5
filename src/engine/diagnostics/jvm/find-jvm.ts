import { PitstopError } from '../../errors.ts';
import { readPod } from '../../container/identity.ts';
import { parseMemory } from '../../container/memory.ts';
import { findProcesses, largest, type ContainerProcess } from '../../container/processes.ts';
import { runScript } from '../../container/shell.ts';
import { reach } from '../../container/target.ts';
import type { DiagnosticContext, HelperNeeds } from '../diagnostic.ts';
import { describeJvm, jdkTools, speakerNames, type Jvm } from './jvm.ts';
import { lookAsUserScript, lookScript } from './look-script.ts';
import { attachObstacle, type Facts } from './obstacle.ts';
import { nativeMemoryOf, releaseOf } from './start-options.ts';

/** A JVM that may be talked to; or why there is none. */
export type Found =
  | { readonly jvm: Jvm }
  | { readonly reason: string; readonly mayWorkAside?: boolean; readonly helper?: HelperNeeds };

/** Finds the JVM to work on (`pid`, else the largest) without touching it. */
export async function findJvm(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  pid?: number,
): Promise<Found> {
  const { execUid, processes } = await findProcesses(target, signal);
  const jvms = processes.filter(({ runtime }) => runtime === 'jvm');
  const process = pid === undefined ? largest(jvms) : jvms.find((each) => each.pid === pid);
  if (!process) {
    const seen = jvms.map((each) => `pid ${each.pid} (${each.command})`).join(', ');
    return {
      reason:
        pid === undefined
          ? 'no JVM runs in the container'
          : `no JVM with pid ${pid} runs in the container${seen && `, but ${seen}`}`,
    };
  }
  const { executable, uid, gid } = process;
  const root = reach(target, '/').slice(0, -1);
  const { stdout } = await runScript(
    target,
    lookScript,
    [String(process.pid), executable, root, String(uid), String(gid), lookAsUserScript],
    { signal },
  );
  const facts = readFacts(stdout);
  const obstacle = attachObstacle(process, execUid, facts);
  // As its own user an ephemeral container is answered.
  const isStranger = execUid !== 0 && execUid !== uid;
  if (obstacle !== undefined) {
    return {
      reason: obstacle,
      ...(isStranger && { mayWorkAside: true, helper: { user: { uid, gid } } }),
    };
  }
  const memory = parseMemory(facts.get('memory')?.join('\n') ?? '', {
    pod: await readPod(target, signal),
    container: target.container,
    residentBytes: process.residentBytes,
  });
  const jvm = jvmOf(process, facts, {
    memoryLeftBytes: memory && memory.limitBytes - memory.usedBytes,
    execUid,
    others: jvms.length - 1,
    isAside: target.via !== undefined,
  });
  if (Object.keys(jvm.tools).length > 0 || jvm.speakers.length > 0) return { jvm };
  const old = facts.get('old');
  return {
    mayWorkAside: true,
    reason: `a JVM runs, ${describeJvm(jvm)}, but the container has no JDK tools (a JRE image), and nothing that could speak to the JVM's attach socket: no perl, python3, node, socat or nc -U${old ? `, and Java opens such sockets from 16 on (${old.join(', ')})` : ''}`,
  };
}

/** The JVM to work on. Throws `diagnostic-unavailable` with the reason why there is none. */
export async function theJvm(
  context: Pick<DiagnosticContext, 'target' | 'signal'>,
  pid?: number,
): Promise<Jvm> {
  const found = await findJvm(context, pid);
  if ('jvm' in found) return found.jvm;
  throw new PitstopError('diagnostic-unavailable', found.reason);
}

/** Reads what the look script printed. */
export function readFacts(text: string): Facts {
  const facts = new Map<string, string[]>();
  let word = '';
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    // A line without a word goes on with the one before.
    if (tab > 0) word = line.slice(0, tab);
    if (line !== '') facts.set(word, [...(facts.get(word) ?? []), line.slice(tab + 1)]);
  }
  return facts;
}

function jvmOf(
  process: ContainerProcess,
  facts: Facts,
  around: Pick<Jvm, 'execUid' | 'others' | 'isAside' | 'memoryLeftBytes'>,
): Jvm {
  const one = (word: string) => facts.get(word)?.[0];
  const [su, switcher] = [one('su'), one('switch')];
  return {
    ...around,
    process,
    ownPid: Number(one('pid') ?? process.pid),
    tools: Object.fromEntries(
      jdkTools.flatMap((name) => facts.get(name)?.map((path) => [name, path]) ?? []),
    ),
    speakers: speakerNames.flatMap(
      (name) => facts.get(name)?.map((path) => ({ name, path })) ?? [],
    ),
    asUser:
      su === undefined
        ? (switcher?.split(' ') ?? [])
        : ['su', '-s', '/bin/sh', '-c', 'exec "$@"', '--', su, 'sh'],
    processors: Math.max(1, Number(one('processors')) || 1),
    nodeProcessors: Math.max(1, Number(one('cpus')) || 1),
    nodeLoad: Number(one('load')) || 0,
    lacksRecorder: facts.get('without')?.includes('jdk.jfr') ?? false,
    nativeMemory: nativeMemoryOf(process, facts),
    release: releaseOf(facts),
  };
}
