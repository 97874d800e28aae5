import type { Plan } from '../engine/index.ts';

/** What would refuse a run as planned: names of interlocks, and the code of any other error; none = it would go. */
export function refusals({ status }: Plan): readonly string[] {
  const names = status.interlocks.filter(({ overridden }) => !overridden).map(({ name }) => name);
  return status.refused ? [...names, status.refused.code] : names;
}
