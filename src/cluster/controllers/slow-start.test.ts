import { describe, expect, it } from 'vitest';
import { slowStart } from './slow-start.ts';

describe('slowStart()', () => {
  it('calls as often as told', () => {
    let calls = 0;
    expect(slowStart(11, () => (calls += 1))).toBeUndefined();
    expect(calls).toBe(11);
  });

  it('stops after the batch that failed and returns its first error', () => {
    let calls = 0;
    const error = slowStart(100, () => {
      calls += 1;
      if (calls >= 3) throw new Error(`refused ${calls}`);
    });
    expect(error).toEqual(new Error('refused 3'));
    expect(calls).toBe(3);
  });
});
