import { expect, it } from 'vitest';
import { isOverdue, leaseOf } from './expiry.ts';
import { serverNowMs } from './server-now.ts';

it('waits one lease for a sign of life, whatever a record claims', () => {
  expect(leaseOf({ leaseSeconds: 90 })).toBe(90);
  expect(leaseOf({ leaseSeconds: 1 })).toBe(60);
  expect(leaseOf({ leaseSeconds: 1e9 })).toBe(300);
});

it('judges a deadline by the server, not by a laptop whose clock is wrong', () => {
  const deadline = new Date(Date.now() + 30 * 60_000).toISOString();
  expect(isOverdue({ deadline }, serverNowMs({ clockSkewMs: 0 }))).toBe(false);
  expect(isOverdue({ deadline }, serverNowMs({ clockSkewMs: undefined }))).toBe(false);
  expect(isOverdue({ deadline }, serverNowMs({ clockSkewMs: 31 * 60_000 }))).toBe(true);
});

it('takes a session without a deadline for a running one', () => {
  expect(isOverdue({}, Date.now())).toBe(false);
});
