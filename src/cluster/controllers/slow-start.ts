/**
 * Calls `act` `count` times in batches of 1, 2, 4, 8 …; the first batch with a failure is the last,
 * so that a refusal (quota, admission) is met once and not `count` times. Returns the first error.
 */
export function slowStart(count: number, act: () => void): unknown {
  let remaining = count;
  for (let batch = Math.min(remaining, 1); batch > 0; batch = Math.min(2 * batch, remaining)) {
    const errors: unknown[] = [];
    for (let call = 0; call < batch; call++) {
      try {
        act();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) return errors[0];
    remaining -= batch;
  }
  return undefined;
}
