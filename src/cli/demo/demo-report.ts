import { styleText } from 'node:util';
import type { Session } from '../../engine/index.ts';
import type { Output } from '../io.ts';
import { renderFacts, renderSummary, type Fact } from '../render/summary.ts';
import { formatCount, plural } from '../../engine/index.ts';
import { describeByHand, type ByHandResult } from './by-hand.ts';
import type { Runtime } from './runtime.ts';
import type { TrafficCounts } from './traffic-report.ts';

/** What the demo adds to its Session, under `status.demo`. */
interface DemoReport {
  readonly cluster: string;
  readonly runtime: Runtime['name'];
  readonly runtimeReason: string;
  readonly traffic: TrafficCounts;
  readonly failures: readonly { readonly error: string; readonly count: number }[];
  readonly latency: { readonly medianMs: number; readonly p99Ms: number; readonly maxMs: number };
  readonly byHand?: ByHandResult;
}

export type DemoSession = Session & { readonly status: { readonly demo: DemoReport } };

/** The session's summary and how the traffic fared, for a person. */
export function renderDemo(
  session: DemoSession,
  {
    stream,
    restoreCommand,
  }: { readonly stream: Output; readonly restoreCommand: string | undefined },
): string {
  const { traffic, failures, latency, byHand } = session.status.demo;
  const others =
    traffic.requests - traffic.toPodBefore - traffic.toPodDuringStop - traffic.toPodAfter;
  const facts: Fact[] = [
    ['Requests', `${formatCount(traffic.requests)}, ${formatCount(traffic.failed)} failed`],
    ...failures.map(({ error, count }): Fact => ['', `${formatCount(count)} × ${error}`]),
    [
      'To the Pod',
      `${formatCount(traffic.toPodBefore)} before, ${formatCount(traffic.toPodDuringStop)} while it was out, ${formatCount(traffic.toPodAfter)} after`,
    ],
    ['Others', `${plural(others, 'request')}: to the other Pods, or on the way out and back`],
    [
      'Latency',
      `median ${latency.medianMs} ms, 99% below ${latency.p99Ms} ms, longest ${latency.maxMs} ms`,
    ],
  ];
  const summary = renderSummary(session, { stream, restoreCommand });
  const heading = styleText('bold', 'Traffic meanwhile, counted by the probe', { stream });
  const hand = byHand ? `\n${describeByHand(byHand).join('\n')}\n` : '';
  return `\n${summary}\n${heading}\n${renderFacts(facts, stream)}${hand}`;
}

/** Why the demo did not show what it promises; nothing when it did. */
export function findBrokenPromises({ status }: DemoSession): readonly string[] {
  const { traffic } = status.demo;
  const broken: string[] = [];
  if (traffic.failed > 0) broken.push(`${plural(traffic.failed, 'request')} failed`);
  if (traffic.toPodDuringStop > 0) {
    broken.push(`${plural(traffic.toPodDuringStop, 'request')} reached the Pod while it was out`);
  }
  if (traffic.toPodAfter === 0) broken.push('no request reached the Pod after it was back');
  return broken;
}
