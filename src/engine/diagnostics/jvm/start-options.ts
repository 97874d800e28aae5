import type { ContainerProcess } from '../../container/processes.ts';
import type { Facts } from './obstacle.ts';

const tracking = '-XX:NativeMemoryTracking=';

/** Whether a JVM keeps account of its native memory, and how; undefined where that cannot be told. */
export type NativeMemoryTracking = 'off' | 'summary' | 'detail' | undefined;

type Started = Pick<ContainerProcess, 'argv'>;

/** Whether the JVM was told to let nobody attach, by its command line or its environment. */
export function refusesAttaching(process: Started, facts: Facts): boolean {
  const words = wordsOf(process, facts, ['JAVA_TOOL_OPTIONS', 'command line', '_JAVA_OPTIONS']);
  return (
    words.findLast((word) => /^-XX:[+-]DisableAttachMechanism$/.test(word)) ===
    '-XX:+DisableAttachMechanism'
  );
}

/** How the JVM was told to track its native memory. */
export function nativeMemoryOf(process: Started, facts: Facts): NativeMemoryTracking {
  const release = releaseOf(facts);
  const said = (sources: readonly Source[]) =>
    wordsOf(process, facts, sources).findLast((word) => word.startsWith(tracking));
  // Up to 11 the launcher tells the JVM, and reads nothing but the command line; 17 reads all of them.
  const launched = said(['command line']);
  const any = said(['JAVA_TOOL_OPTIONS', 'command line', '_JAVA_OPTIONS']);
  const isOpen = release === undefined || (release > 11 && release < 17);
  if (isOpen && launched !== any) return undefined;
  const word = (release ?? 17) >= 17 ? any : launched;
  const value = word?.slice(tracking.length);
  if (value === 'summary' || value === 'detail') return value;
  // A file of arguments hides what is in it.
  return value === undefined && process.argv.some((each) => each.startsWith('@'))
    ? undefined
    : 'off';
}

/** The JDK's feature release, by the files of its runtime image. */
export function releaseOf(facts: Facts): number | undefined {
  const release = Number(facts.get('release')?.[0]);
  return release > 0 ? release : undefined;
}

type Source = 'JAVA_TOOL_OPTIONS' | 'command line' | '_JAVA_OPTIONS';

/** The JVM's options in the order in which it reads them: of two that differ the later counts. */
function wordsOf({ argv }: Started, facts: Facts, sources: readonly Source[]): string[] {
  const of = (name: string) => facts.get(name) ?? [];
  // The launcher puts these before its arguments, from 9 on.
  const prepended = (releaseOf(facts) ?? 9) >= 9 ? of('JDK_JAVA_OPTIONS') : [];
  return sources.flatMap((source) =>
    source === 'command line' ? [...prepended, ...argv] : of(source),
  );
}
