import { PitstopError } from '../errors.ts';
import { command } from './command.ts';
import type { Diagnostic } from './diagnostic.ts';
import { goCpu, goGoroutines, goHeap } from './go/profiles.ts';
import { jvmHeap } from './jvm/heap.ts';
import { jvmHistogram } from './jvm/histogram.ts';
import { jvmInfo } from './jvm/info.ts';
import { jvmNativeMemory } from './jvm/native-memory.ts';
import { jvmRecording } from './jvm/recording.ts';
import { jvmThreads } from './jvm/threads.ts';
import { nodeHeap } from './node/heap.ts';
import { nodeCpuProfile, nodeHeapSampling } from './node/profiles.ts';

export type * from './diagnostic.ts';
export { artifactOf } from './artifact-file.ts';
export { kindOf } from './kind-of.ts';
export { findLeftovers } from '../container/leftovers.ts';

/** All diagnostics, the one to prefer first. */
export const catalogue: readonly Diagnostic[] = [
  jvmHeap,
  nodeHeap,
  jvmThreads,
  jvmHistogram,
  jvmRecording,
  jvmNativeMemory,
  jvmInfo,
  nodeCpuProfile,
  nodeHeapSampling,
  goHeap,
  goGoroutines,
  goCpu,
  command,
];

/** The diagnostic of that name; throws `diagnostic-unavailable` with the names there are. */
export function findDiagnostic(name: string): Diagnostic {
  const found = catalogue.find((diagnostic) => diagnostic.name === name);
  if (found) return found;
  const names = catalogue.map((diagnostic) => diagnostic.name).join(', ');
  throw new PitstopError('diagnostic-unavailable', `there is no diagnostic "${name}"`, {
    hint: `one of ${names}; kubectl pitstop diagnostics describes them`,
  });
}
