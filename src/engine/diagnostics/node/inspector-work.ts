/** A call of the inspector's protocol. */
export interface InspectorCall {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * What is asked of a process over its inspector: the chunks of a heap snapshot that come meanwhile
 * are the artifact, else the `profile` that `end` answers. Plain data, which also the program in the
 * container reads.
 */
export interface InspectorWork {
  readonly begin: readonly InspectorCall[];
  readonly waitMs?: number;
  readonly end?: InspectorCall;
}

export const heapSnapshot: InspectorWork = {
  begin: [{ method: 'HeapProfiler.takeHeapSnapshot', params: { reportProgress: false } }],
};

/** Samples every `intervalUs` microseconds which functions run. */
export function cpuProfile(waitMs: number, intervalUs: number): InspectorWork {
  return {
    begin: [
      { method: 'Profiler.enable' },
      { method: 'Profiler.setSamplingInterval', params: { interval: intervalUs } },
      { method: 'Profiler.start' },
    ],
    waitMs,
    end: { method: 'Profiler.stop' },
  };
}

/** Samples about every `intervalBytes` allocated which function allocates, of what is still alive at the end. */
export function heapSampling(waitMs: number, intervalBytes: number): InspectorWork {
  return {
    begin: [{ method: 'HeapProfiler.startSampling', params: { samplingInterval: intervalBytes } }],
    waitMs,
    end: { method: 'HeapProfiler.stopSampling' },
  };
}

const evaluate = (expression: string): InspectorCall => ({
  method: 'Runtime.evaluate',
  params: { expression, includeCommandLineAPI: true, returnByValue: true },
});

/** Answers the pid and, where it shows, the mount namespace: another container may have a pid 1 too. */
export const whoAreYou = evaluate(
  `(function (load) {
    try { return [process.pid, load('fs').readlinkSync('/proc/self/ns/mnt')]; }
    catch (error) { return [process.pid, '']; }
  })(require)`,
);

/**
 * Closes the inspector after some milliseconds, unless asked again before. From a timer: closing waits
 * for the very session that asks for it to end. So an inspector that was opened for somebody who is
 * killed does not stay open.
 */
export function closeIn(milliseconds: number): InspectorCall {
  return evaluate(`(function (load) {
    var key = Symbol.for('pitstop.close');
    clearTimeout(globalThis[key]);
    globalThis[key] = setTimeout(function () {
      delete globalThis[key];
      load('inspector').close();
    }, ${milliseconds});
    globalThis[key].unref();
  })(require)`);
}

export const closeInspector = closeIn(20);

/** How long after the time that something may take its inspector is closed, whatever has become of us. */
export const closesAfterMs = 60_000;

/** The process writes the snapshot itself. */
export function writeSnapshot(path: string): InspectorCall {
  return evaluate(`require('v8').writeHeapSnapshot(${JSON.stringify(path)})`);
}
