import { describe, expect, it } from 'vitest';
import { countProbe, initialState, thresholdsOf, type ProbeKind } from './probe-arithmetic.ts';

function play(kind: ProbeKind, outcomes: string, probe = {}) {
  const thresholds = thresholdsOf(probe);
  let state = initialState(kind);
  return outcomes.split('').map((outcome) => {
    state = countProbe(kind, state, { success: outcome === '+', thresholds });
    return word(state.result) + (state.onHold ? '!' : '');
  });
}

function word(result: boolean | undefined): string {
  return result === undefined ? '?' : result ? 'yes' : 'no';
}

describe('probe arithmetic', () => {
  it('turns ready at the first success and unready after three failures in a row', () => {
    expect(play('readiness', '-+--+---')).toEqual([
      'no',
      'yes',
      'yes',
      'yes',
      'yes',
      'yes',
      'yes',
      'no',
    ]);
  });

  it('begins to count anew after any other outcome', () => {
    expect(play('readiness', '+-+-+--', { failureThreshold: 2, successThreshold: 1 })).toEqual([
      'yes',
      'yes',
      'yes',
      'yes',
      'yes',
      'yes',
      'no',
    ]);
    expect(play('readiness', '+-++', { successThreshold: 2 })).toEqual(['no', 'no', 'no', 'yes']);
  });

  it('rests after a liveness probe has given up', () => {
    expect(play('liveness', '+---')).toEqual(['yes', 'yes', 'yes', 'no!']);
  });

  it('knows nothing of a startup probe until its threshold', () => {
    expect(play('startup', '--+', { failureThreshold: 30 })).toEqual(['?', '?', 'yes']);
  });

  it('has the defaults of the API', () => {
    expect(thresholdsOf({})).toEqual({
      periodMs: 10_000,
      timeoutMs: 1000,
      initialDelayMs: 0,
      failureThreshold: 3,
      successThreshold: 1,
    });
  });
});
