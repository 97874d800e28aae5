import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../engine/index.ts';
import { renderFrame } from './frame.ts';
import { plainLines, plainStart } from './plain-lines.ts';
import { renderPlan } from './plan.ts';
import { noProgress, reduceProgress } from './progress-state.ts';
import { sampleEvents, samplePlan, sampleSession } from './sample-session.ts';
import { renderStatus } from './status.ts';
import { renderSummary } from './summary.ts';

const stream = new PassThrough();
const restoreCommand = 'kubectl pitstop restore my-api-deploy-59b79c4795-q8l6p -n my-namespace';

function frameAfter(events: number, columns = 100): string {
  const seen = sampleEvents.slice(0, events);
  const state = seen.reduce(reduceProgress, noProgress);
  const nowMs = Date.parse(seen.at(-1)?.at ?? '') + 50;
  return renderFrame(state, { nowMs, columns, stream }).join('\n');
}

describe('renderFrame', () => {
  it('shows nothing before there is a session', () => {
    expect(renderFrame(noProgress, { nowMs: 0, columns: 80, stream })).toEqual([]);
  });

  it('shows how far a transfer is, and how fast', () => {
    expect(frameAfter(14)).toMatchInlineSnapshot();
  });

  it('cuts what does not fit, so that redrawing stays in place', () => {
    for (const line of frameAfter(14, 40).split('\n')) expect(line.length).toBeLessThan(40);
  });

  it('shows the whole session at its end', () => {
    expect(frameAfter(sampleEvents.length)).toMatchInlineSnapshot();
  });
});

it('writes one plain line for each thing that happened', () => {
  let progress = noProgress;
  let plain = plainStart;
  const lines: string[] = [];
  for (const event of sampleEvents) {
    progress = reduceProgress(progress, event);
    const result = plainLines(plain, event, progress);
    plain = result.state;
    lines.push(...result.lines);
  }
  expect(lines.join('\n')).toMatchInlineSnapshot();
});

describe('renderSummary', () => {
  it('tells what was done, where the artifact is, and that the Pod is back', () => {
    expect(renderSummary(sampleSession(), { stream, restoreCommand })).toMatchInlineSnapshot();
  });

  it('says loudly that the Pod is still out, and how to put it back', () => {
    const failed: SessionEvent = {
      type: 'session-finished',
      at: '2026-11-23T10:00:05.000Z',
      phase: 'Failed',
      error: { code: 'restore-failed', message: 'my-svc does not list it' },
    };
    const session = sampleSession([...sampleEvents.slice(0, 11), failed]);
    expect(renderSummary(session, { stream, restoreCommand })).toMatchInlineSnapshot();
  });
});

describe('renderPlan', () => {
  it('shows the route, why it and why not the others', () => {
    expect(renderPlan(samplePlan, stream)).toMatchInlineSnapshot();
  });

  it('names each interlock and the flag that overrides it', () => {
    const interlock = {
      name: 'last-endpoint',
      object: 'service/my-svc',
      message: 'the Pod is its only ready endpoint',
      overridable: true,
      overridden: false,
    } as const;
    const plan = { ...samplePlan, status: { ...samplePlan.status, interlocks: [interlock] } };
    expect(renderPlan(plan, stream).split('\n\n').at(-1)).toMatchInlineSnapshot();
  });
});

it('prints the status as tables', () => {
  const report = {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'StatusReport',
    metadata: { namespace: 'my-namespace' },
    services: [
      {
        name: 'my-svc',
        selector: { app: 'my-api' },
        endpoints: [
          {
            address: '10.244.2.16',
            pod: 'web-j9cxz',
            ready: true,
            terminating: false,
            slice: 'my-svc-l7jjv',
          },
          {
            address: '10.244.2.17',
            pod: 'web-x2x2x',
            ready: false,
            terminating: false,
            slice: 'my-svc-l7jjv',
          },
        ],
      },
      { name: 'other', selector: {}, endpoints: [] },
    ],
    sessions: [
      {
        pod: 'web-q8l6p',
        id: 'q8l6p-7f3a',
        by: 'admin (me@laptop)',
        since: '2026-11-23T10:00:00.000Z',
        deadline: '2026-11-23T10:30:00.000Z',
        overdue: false,
        route: 'release',
        services: ['my-svc'],
        diagnostic: 'none',
      },
    ],
  } as const;
  const nowMs = Date.parse('2026-11-23T10:05:30.000Z');
  expect(renderStatus(report, { nowMs, wide: false })).toMatchInlineSnapshot();
  expect(renderStatus(report, { nowMs, wide: true, headers: false })).toMatchInlineSnapshot();
});
