import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import type { MetricFamily, Sample } from './text-format.ts';

type Delay = ReturnType<typeof monitorEventLoopDelay>;
let eventLoopDelay: Delay | undefined;

/** What this process uses, under the names that Prometheus' own client libraries give it. */
export function processMetrics(): MetricFamily[] {
  // From the first time on that somebody asks: a timer of every 20 ms is for those who look at it.
  eventLoopDelay ??= startMonitor();
  const cpu = process.cpuUsage();
  const families = [
    one('process_cpu_seconds_total', 'counter', (cpu.user + cpu.system) / 1e6),
    one('process_resident_memory_bytes', 'gauge', process.memoryUsage.rss()),
    one('process_start_time_seconds', 'gauge', performance.timeOrigin / 1000),
    one('process_open_fds', 'gauge', openFiles()),
    {
      name: 'nodejs_eventloop_lag_seconds',
      type: 'gauge' as const,
      help: 'How late the event loop was since the last time this was asked, by quantile.',
      samples: lag(eventLoopDelay),
    },
  ];
  eventLoopDelay.reset();
  return families;
}

function startMonitor(): Delay {
  const monitor = monitorEventLoopDelay({ resolution: 20 });
  monitor.enable();
  return monitor;
}

function lag(delay: Delay): Sample[] {
  if (delay.count === 0) return [];
  return [50, 99, 100].map((percentile) => ({
    labels: { quantile: `${percentile / 100}` },
    value: delay.percentile(percentile) / 1e9,
  }));
}

const HELP: Readonly<Record<string, string>> = {
  process_cpu_seconds_total:
    'User and system CPU time of the node process, without its containers.',
  process_resident_memory_bytes: 'Resident memory of the node process.',
  process_start_time_seconds: 'Start of the node process since the Unix epoch.',
  process_open_fds: 'Open file descriptors of the node process.',
};

function one(name: string, type: MetricFamily['type'], value: number): MetricFamily {
  return { name, type, help: HELP[name] ?? '', samples: [{ value }] };
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}
