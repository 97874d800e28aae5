import { formatCount } from '../../engine/index.ts';
import type { ProbeRequest } from './traffic-probe.ts';

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

export interface TrafficLineOptions {
  readonly nowMs: number;
  /** What one bar covers. */
  readonly bucketMs: number;
  readonly buckets: number;
  /** The Pod that is being serviced; marked. */
  readonly pod?: string | undefined;
}

/** What the traffic does right now: one line in all, and one for each Pod that has answered lately. */
export function renderTraffic(
  requests: readonly ProbeRequest[],
  { nowMs, bucketMs, buckets, pod: serviced }: TrafficLineOptions,
): readonly string[] {
  // The newest bucket is still filling, and its requests may still be waiting for their answers.
  const endMs = Math.floor(nowMs / bucketMs) * bucketMs - bucketMs;
  const startMs = endMs - buckets * bucketMs;
  const perPod = new Map<string, number[]>();
  for (const { pod } of requests) {
    if (pod !== undefined && !perPod.has(pod)) perPod.set(pod, Array<number>(buckets).fill(0));
  }
  for (const { pod, startedAtMs } of lastRequests(requests, startMs)) {
    const bucket = Math.floor((startedAtMs - startMs) / bucketMs);
    const counts = pod === undefined ? undefined : perPod.get(pod);
    if (counts?.[bucket] !== undefined) counts[bucket] += 1;
  }
  const failed = requests.filter(({ error }) => error !== undefined).length;
  const most = Math.max(1, ...[...perPod.values()].flat());
  return [
    `  traffic: ${formatCount(requests.length)} requests, ${formatCount(failed)} failed`,
    ...[...perPod]
      .filter(([name, counts]) => name === serviced || counts.some((count) => count > 0))
      .map(([name, counts]) => {
        const perSecond = Math.round(((counts.at(-1) ?? 0) * 1000) / bucketMs);
        const marked = name === serviced ? '  ← this Pod' : '';
        return `  ${name} ${counts.map((count) => bar(count, most)).join('')} ${perSecond}/s${marked}`;
      }),
  ];
}

function bar(count: number, most: number): string {
  if (count === 0) return '·';
  return bars[Math.min(bars.length - 1, Math.floor((count / most) * (bars.length - 1)))] ?? '█';
}

/** From the end backwards: the record of a long run must not be walked ten times a second. */
function lastRequests(requests: readonly ProbeRequest[], sinceMs: number): readonly ProbeRequest[] {
  const before = requests.findLastIndex(({ startedAtMs }) => startedAtMs < sinceMs);
  return requests.slice(before + 1);
}
