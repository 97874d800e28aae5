import { PitstopError } from '../errors.ts';
import { command } from './command.ts';
import { createCustomDiagnostic } from './custom/custom.ts';
import type { CustomDiagnostic } from './custom/schema.ts';
import type { Diagnostic } from './diagnostic.ts';
import { dotnetDump } from './dotnet/dump.ts';
import { dotnetGcdump, dotnetStacks } from './dotnet/tools.ts';
import { goCpu, goGoroutines, goHeap } from './go/profiles.ts';
import { jvmHeap } from './jvm/heap.ts';
import { jvmHistogram } from './jvm/histogram.ts';
import { jvmInfo } from './jvm/info.ts';
import { jvmNativeMemory } from './jvm/native-memory.ts';
import { jvmRecording } from './jvm/recording.ts';
import { jvmThreads } from './jvm/threads.ts';
import { nodeHeap } from './node/heap.ts';
import { nodeCpuProfile, nodeHeapSampling } from './node/profiles.ts';
import { pythonRecording, pythonStacks } from './python/py-spy.ts';

export type * from './diagnostic.ts';
export type { CustomDiagnostic } from './custom/schema.ts';
export { findLeftovers } from '../container/leftovers.ts';

/** All diagnostics, the one to prefer first. */
export const catalogue: readonly Diagnostic[] = [
  jvmHeap,
  nodeHeap,
  goHeap,
  jvmThreads,
  jvmHistogram,
  jvmRecording,
  jvmNativeMemory,
  jvmInfo,
  nodeCpuProfile,
  nodeHeapSampling,
  goGoroutines,
  goCpu,
  dotnetGcdump,
  dotnetDump,
  dotnetStacks,
  pythonStacks,
  pythonRecording,
  command,
];

/** The catalogue with the user's own diagnostics, which are never preferred to those of pitstop. */
export function catalogueWith(custom: readonly CustomDiagnostic[] = []): readonly Diagnostic[] {
  const [last] = catalogue.slice(-1);
  return [
    ...catalogue.slice(0, -1),
    ...custom.map(createCustomDiagnostic),
    ...(last ? [last] : []),
  ];
}

/** The diagnostic of that name; throws `diagnostic-unavailable` with the names there are. */
export function findDiagnostic(name: string, custom?: readonly CustomDiagnostic[]): Diagnostic {
  const all = catalogueWith(custom);
  const found = all.find((diagnostic) => diagnostic.name === name);
  if (found) return found;
  const names = all.map((diagnostic) => diagnostic.name).join(', ');
  throw new PitstopError('diagnostic-unavailable', `there is no diagnostic "${name}"`, {
    hint: `one of ${names}; kubectl pitstop diagnostics describes them`,
  });
}
