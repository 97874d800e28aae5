import { readFileSync } from 'node:fs';
import { cpus, freemem, totalmem } from 'node:os';
import type { PodWorker } from './pod/pod-worker.ts';
import { time } from './pod/status.ts';
import { readProcesses, usageOf } from './runtime/process-usage.ts';

interface Quantities {
  /** Nanocores, `1234567n`. */
  readonly cpu: string;
  /** `1234Ki` */
  readonly memory: string;
}

/** As metrics.k8s.io/v1beta1 has them, without kind and the Pod's labels. */
export interface PodMetrics {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Quantities }[];
}

export interface NodeMetrics {
  readonly timestamp: string;
  readonly window: string;
  readonly usage: Quantities;
}

interface Sample {
  readonly at: number;
  readonly cpuMs: number;
}

/** Samples closer together than this say little; the one before is used again. */
const WINDOW_MS = 1000;

/** Measures what Pods and the machine use, since it was asked last. */
export class Metrics {
  readonly #samples = new Map<string, { readonly before: Sample; readonly last: Sample }>();

  /** The Pods whose containers run. */
  pods(workers: Iterable<Pick<PodWorker, 'pod' | 'runs'>>): PodMetrics[] {
    const table = readProcesses();
    const now = Date.now();
    const seen = new Set<string>(['node']);
    const found = [...workers].flatMap((worker): PodMetrics[] => {
      const { namespace = '', name = '', labels = {} } = worker.pod.metadata ?? {};
      const windows: number[] = [];
      const containers = worker.runs.flatMap(({ container, state, cgroup }) => {
        if (state.kind !== 'running') return [];
        seen.add(state.containerId);
        const { memoryBytes, cpuMs } = usageOf(state.process.pid, table);
        const rate = this.#rate(state.containerId, { at: now, cpuMs }, state.startedAt);
        windows.push(rate.windowMs);
        const memory = cgroup ? cgroup.usage() : memoryBytes;
        return [{ name: container.name, usage: quantities(rate.cores, memory) }];
      });
      if (containers.length === 0) return [];
      const metadata = { namespace, name, labels };
      return [{ metadata, timestamp: time(now), window: windowOf(windows), containers }];
    });
    for (const id of this.#samples.keys()) if (!seen.has(id)) this.#samples.delete(id);
    return found;
  }

  /** The machine as a whole: every node of the cluster is it. */
  node(): NodeMetrics {
    const now = Date.now();
    const busyMs = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys, 0);
    const { cores, windowMs } = this.#rate('node', { at: now, cpuMs: busyMs }, undefined);
    const usage = quantities(cores, totalmem() - availableMemory());
    return { timestamp: time(now), window: windowOf([windowMs]), usage };
  }

  #rate(
    id: string,
    now: Sample,
    startedAt: number | undefined,
  ): { readonly cores: number; readonly windowMs: number } {
    const known = this.#samples.get(id);
    const before =
      known && now.at - known.last.at >= WINDOW_MS
        ? known.last
        : (known?.before ?? {
            at: startedAt ?? now.at - WINDOW_MS,
            cpuMs: startedAt ? 0 : now.cpuMs,
          });
    const isNew = !known || now.at - known.last.at >= WINDOW_MS;
    if (isNew) this.#samples.set(id, { before, last: now });
    const windowMs = Math.max(now.at - before.at, 1);
    return { cores: Math.max(0, now.cpuMs - before.cpuMs) / windowMs, windowMs };
  }
}

function quantities(cores: number, memoryBytes: number): Quantities {
  return {
    cpu: `${Math.round(cores * 1e9)}n`,
    memory: `${Math.round(memoryBytes / 1024)}Ki`,
  };
}

function windowOf(windowsMs: readonly number[]): string {
  return `${(Math.max(...windowsMs) / 1000).toFixed(3)}s`;
}

/** What programs could still have: the file cache is no use of memory. */
function availableMemory(): number {
  try {
    const text = readFileSync('/proc/meminfo', 'latin1');
    return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024 || freemem();
  } catch {
    return freemem();
  }
}
