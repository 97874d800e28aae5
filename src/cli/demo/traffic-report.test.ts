import { expect, it } from 'vitest';
import { countTraffic, listFailures, summarizeLatency } from './traffic-report.ts';
import { renderTraffic } from './traffic-line.ts';
import type { ProbeRequest } from './traffic-probe.ts';

const answered = (startedAtMs: number, pod: string): ProbeRequest => ({
  kind: 'new',
  startedAtMs,
  pod,
  durationMs: 2,
});

it('counts by when a request started, not by when it was answered', () => {
  const requests: ProbeRequest[] = [
    answered(10, 'a'),
    answered(20, 'b'),
    // Started before the proof and answered long after it: not a request during the stop.
    { ...answered(199, 'a'), durationMs: 500 },
    answered(200, 'a'),
    answered(201, 'b'),
    answered(299, 'a'),
    answered(300, 'a'),
    answered(401, 'a'),
    { kind: 'keep-alive', startedAtMs: 402, error: 'ECONNRESET' },
  ];
  const moments = {
    isolateStartedMs: 100,
    isolationProvenMs: 200,
    restoreStartedMs: 300,
    restorationProvenMs: 400,
  };
  expect(countTraffic(requests, 'a', moments)).toEqual({
    requests: 9,
    failed: 1,
    toPodBefore: 1,
    toPodDuringStop: 1,
    toPodAfter: 1,
  });
  expect(countTraffic(requests, 'a', {})).toMatchObject({ toPodDuringStop: 0, toPodAfter: 0 });
  expect(listFailures(requests)).toEqual([
    { error: 'ECONNRESET (keep-alive connection)', count: 1 },
  ]);
  expect(summarizeLatency(requests)).toEqual({ medianMs: 2, p99Ms: 500, maxMs: 500 });
});

it('draws one line per Pod, and keeps showing the serviced one at zero', () => {
  const requests = [
    ...Array.from({ length: 40 }, (_, index) =>
      answered(index * 25, index % 2 ? 'pod-a' : 'pod-b'),
    ),
    ...Array.from({ length: 40 }, (_, index) => answered(1000 + index * 25, 'pod-b')),
  ];
  const options = { nowMs: 2200, bucketMs: 200, buckets: 10, pod: 'pod-a' };
  expect(renderTraffic(requests, options).join('\n')).toMatchInlineSnapshot(`
    "  traffic: 80 requests, 0 failed
      pod-b ▄▄▄▄▄█████ 40/s
      pod-a ▄▄▄▄▄····· 0/s  ← this Pod"
  `);
});
