import type { Diagnostic } from '../diagnostic.ts';
import { describeOptions, readOptions, wholeNumber } from '../word-options.ts';
import { detectNode, findNode, requireNode } from './find-node.ts';
import { heapSnapshot } from './inspector-work.ts';
import { heapSnapshotPreflight, snapshotNeeds } from './preflight.ts';
import { workOverInspector } from './work-over-inspector.ts';

const name = 'node-heap';
const spec = { pid: wholeNumber('PID') };
const asked = (words?: readonly string[]) => ({
  maySignal: true,
  pid: readOptions(name, spec, words).pid,
});

/** A V8 heap snapshot, asked for over the inspector or with the signal the process was started for. */
export const nodeHeap: Diagnostic = {
  name,
  summary:
    'heap snapshot of Node.js (V8), over the inspector or --heapsnapshot-signal; Node stands still meanwhile',
  automatic: true,
  options: describeOptions(spec),
  checkOptions: (words) => void readOptions(name, spec, words),
  async detect(context) {
    return detectNode(await findNode(context, asked(context.extraArgs)));
  },
  async preflight(context) {
    const node = await requireNode(context, asked(context.extraArgs));
    return await heapSnapshotPreflight(context, node);
  },
  async run(context) {
    const node = await requireNode(context, asked(context.extraArgs));
    return await workOverInspector(context, {
      node,
      work: heapSnapshot,
      name: 'heap.heapsnapshot',
      format: 'heapsnapshot',
      neededBytes: snapshotNeeds(node.process.residentBytes),
      message: (doneBytes) =>
        doneBytes === 0 ? 'V8 takes the snapshot' : 'V8 writes the snapshot',
    });
  },
};
