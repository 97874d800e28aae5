import type { ArtifactFormat, Diagnostic } from '../diagnostic.ts';
import { recordingMs } from '../recording.ts';
import { profilePreflight } from './preflight.ts';
import {
  describeOptions,
  durationMs,
  readOptions,
  wholeNumber,
  type WordReader,
} from '../word-options.ts';
import { detectNode, findNode, requireNode } from './find-node.ts';
import { cpuProfile, heapSampling, type InspectorWork } from './inspector-work.ts';
import { workOverInspector } from './work-over-inspector.ts';

interface Profile {
  readonly name: string;
  readonly summary: string;
  readonly file: string;
  readonly format: ArtifactFormat;
  readonly interval: WordReader<number>;
  readonly defaultInterval: number;
  readonly work: (waitMs: number, interval: number) => InspectorWork;
}

/** Which functions use the processor, as DevTools, VS Code and speedscope open it. */
export const nodeCpuProfile = profile({
  name: 'node-cpu-profile',
  summary: 'CPU profile of Node.js over its inspector, for 30 s; Node goes on working meanwhile',
  file: 'cpu.cpuprofile',
  format: 'cpuprofile',
  interval: wholeNumber('1000', { least: 50 }),
  defaultInterval: 1000,
  work: cpuProfile,
});

/** Which functions allocated what is still alive: next to no pause, where a snapshot would take too long. */
export const nodeHeapSampling = profile({
  name: 'node-heap-sampling',
  summary:
    'sampled allocations of Node.js over its inspector, for 30 s; Node goes on working meanwhile',
  file: 'heap.heapprofile',
  format: 'heapprofile',
  interval: wholeNumber('32768', { least: 128 }),
  defaultInterval: 32_768,
  work: heapSampling,
});

function profile({
  name,
  summary,
  file,
  format,
  interval,
  defaultInterval,
  work,
}: Profile): Diagnostic {
  const spec = { duration: durationMs, interval, pid: wholeNumber('PID') };
  const asked = (words?: readonly string[]) => ({ pid: readOptions(name, spec, words).pid });
  return {
    name,
    summary,
    automatic: false,
    options: describeOptions(spec),
    checkOptions: (words) => void readOptions(name, spec, words),
    async detect(context) {
      return detectNode(await findNode(context, asked(context.extraArgs)));
    },
    async preflight(context) {
      const { duration } = readOptions(name, spec, context.extraArgs);
      const recordedMs = recordingMs(name, duration, context);
      const node = await requireNode(context, asked(context.extraArgs));
      return await profilePreflight(context, node, recordedMs);
    },
    async run(context) {
      const options = readOptions(name, spec, context.extraArgs);
      const node = await requireNode(context, asked(context.extraArgs));
      const waitMs = recordingMs(name, options.duration, context);
      return await workOverInspector(context, {
        node,
        work: work(waitMs, options.interval ?? defaultInterval),
        name: file,
        format,
        message: (doneBytes) =>
          doneBytes === 0 ? `V8 takes samples for ${waitMs / 1000} s` : 'V8 writes the profile',
      });
    },
  };
}
