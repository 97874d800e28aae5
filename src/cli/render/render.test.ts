import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../engine/index.ts';
import { renderFrame } from './frame.ts';
import { plainLines, plainStart } from './plain-lines.ts';
import { renderPlan } from './plan.ts';
import { noProgress, reduceProgress } from './progress-state.ts';
import { sampleEvents, samplePlan, sampleSession } from './sample-session.ts';
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
    expect(frameAfter(14)).toMatchInlineSnapshot(`
      "Pit stop of pod my-namespace/my-api-deploy-59b79c4795-q8l6p (my-api)
        out of my-svc · route release · diagnostic jvm-heap
        ✓ isolate    0.1 s  my-svc lists it no more
        ✓ drain      2.3 s  no connection left, none came
        ✓ diagnose   1.6 s  jcmd wrote 223.9 MiB
        ⠦ collect    0.7 s  heap.hprof  90.0 MiB of 224.0 MiB (40%), 160.0 MiB/s
        · restore"
    `);
  });

  it('cuts what does not fit, so that redrawing stays in place', () => {
    for (const line of frameAfter(14, 40).split('\n')) expect(line.length).toBeLessThan(40);
  });

  it('shows the whole session at its end', () => {
    expect(frameAfter(sampleEvents.length)).toMatchInlineSnapshot(`
      "Pit stop of pod my-namespace/my-api-deploy-59b79c4795-q8l6p (my-api)
        out of my-svc · route release · diagnostic jvm-heap
        ✓ isolate    0.1 s  my-svc lists it no more
        ✓ drain      2.3 s  no connection left, none came
        ✓ diagnose   1.6 s  jcmd wrote 223.9 MiB
        ✓ collect    1.4 s  sha256 agreed on both ends
        ✓ restore    3.6 s  my-svc lists it ready again"
    `);
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
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "pod my-namespace/my-api-deploy-59b79c4795-q8l6p: services my-svc, route release, diagnostic jvm-heap
    isolate: started
    the Pod is out of traffic from now on
    isolate: done in 0.1 s: my-svc lists it no more
    drain: started
    drain: done in 2.3 s: no connection left, none came
    diagnose: started
    diagnose: done in 1.6 s: jcmd wrote 223.9 MiB
    collect: started
    collect: done in 1.4 s: sha256 agreed on both ends
    restore: started
    the Pod is on its way back
    restore: done in 3.6 s: my-svc lists it ready again
    session succeeded"
  `);
});

describe('renderSummary', () => {
  it('tells what was done, where the artifact is, and that the Pod is back', () => {
    expect(renderSummary(sampleSession(), { stream, restoreCommand })).toMatchInlineSnapshot(`
      "Pit stop of pod my-namespace/my-api-deploy-59b79c4795-q8l6p done in 9.0 s: it is back in service.
        Out of      my-svc (1 EndpointSlice, route release)
                    5 connections before, 0 at the proof, 0 new while out
        Diagnostic  jvm-heap with jcmd, process 1: 1.6 s
        Artifact    /home/me/pitstop-artifacts/my-api-deploy-59b79c4795-q8l6p.hprof
                    224.0 MiB hprof, brought home in 1.4 s, 160.0 MiB/s
                    content well-formed; sha256, agreed on both ends:
                    3b1f0b1e5d1c8e2f6a7b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f
                    850,000 objects of 1,204 classes, 101.2 MiB
                    Classes by shallow size (2 of 1,204)
                        SIZE  SHARE    COUNT                            CLASS
                    58.0 MiB  57.3%  302,118  ########################  byte[]
                    15.0 MiB  14.8%  491,520  ######                    shop.OrderLine
        Back in     1 EndpointSlice, and new connections arrive (3.6 s)
                    the replacement my-api-deploy-59b79c4795-x2x2x is gone again
      "
    `);
  });

  it('says loudly that the Pod is still out, and how to put it back', () => {
    const failed: SessionEvent = {
      type: 'session-finished',
      at: '2026-11-23T10:00:05.000Z',
      phase: 'Failed',
      error: { code: 'restore-failed', message: 'my-svc does not list it' },
    };
    const session = sampleSession([...sampleEvents.slice(0, 11), failed]);
    expect(renderSummary(session, { stream, restoreCommand })).toMatchInlineSnapshot(`
      "Failed, and pod my-namespace/my-api-deploy-59b79c4795-q8l6p is STILL OUT.
        Out of      my-svc (1 EndpointSlice, route release)
                    5 connections before, 0 at the proof, 0 new while out
        Diagnostic  jvm-heap with jcmd, process 1: 1.6 s

      Put it back with:
        kubectl pitstop restore my-api-deploy-59b79c4795-q8l6p -n my-namespace
      "
    `);
  });
});

describe('renderPlan', () => {
  const next = 'kubectl pitstop run my-api-deploy-59b79c4795-q8l6p -n my-namespace';

  it('shows the route, why it and why not the others', () => {
    expect(renderPlan(samplePlan, { stream, next })).toMatchInlineSnapshot(`
      "Plan for pod my-namespace/my-api-deploy-59b79c4795-q8l6p
        Container      my-api
        Owner          deployment my-api-deploy (2 replicas)
        Services       my-svc  80→8080  2 ready, 1 without the Pod  release: without label app
        Route          release
                       without app the Pod leaves service/my-svc, and deployment/my-api-deploy lets go of it
                       not label: service/my-svc selects only on labels by which deployment/my-api-deploy holds the Pod
        Writes         pod/my-api-deploy-59b79c4795-q8l6p: label app removed
        If it crashes  the Pod stays out, and one more runs in its place: the Services are at full strength; restore brings all back
        Diagnostic     jvm-heap

      Nothing is in the way. To go:
        kubectl pitstop run my-api-deploy-59b79c4795-q8l6p -n my-namespace
      "
    `);
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
    expect(renderPlan(plan, { stream, next }).split('\n\n').at(-1)).toMatchInlineSnapshot(`
      "A pit stop would be refused (exit code 2):
        ✗ service/my-svc: the Pod is its only ready endpoint (override with --override=last-endpoint)
      "
    `);
  });

  it('says what else would refuse a run, and what goes without', () => {
    const refused = {
      code: 'diagnostic-unavailable',
      message: 'no diagnostic works in container my-api:\n  node-heap: no Node.js process in it',
      hint: 'kubectl pitstop run POD -- COMMAND… runs any command',
    };
    const status = { ...samplePlan.status, diagnostic: 'none', refused };
    const view = { stream, next: 'kubectl pitstop isolate my-api-deploy-59b79c4795-q8l6p' };
    const text = renderPlan({ ...samplePlan, status }, view);
    expect(text.slice(text.indexOf('A pit stop'))).toMatchInlineSnapshot(`
      "A pit stop would be refused (exit code 2):
        ✗ diagnostic-unavailable: no diagnostic works in container my-api:
            node-heap: no Node.js process in it
            hint: kubectl pitstop run POD -- COMMAND… runs any command

      Only out of traffic:
        kubectl pitstop isolate my-api-deploy-59b79c4795-q8l6p
      "
    `);
  });
});
