import { expect, it } from 'vitest';
import { checkPlans } from './plan-laws.ts';

const worlds = 150;

it(`out means out, nobody is left with nothing, and home is as before, in ${worlds} worlds`, () => {
  const counts = checkPlans(worlds);
  for (const route of ['label', 'release', 'none'])
    expect([...counts.keys()]).toContain(`any → ${route}`);
});
