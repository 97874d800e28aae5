import { expect, it } from 'vitest';
import { checkPlans } from '../properties/engine/plan-laws.ts';

const worlds = 3_000;

it(`the laws of test/properties/engine hold in ${worlds} worlds`, () => {
  const counts = checkPlans(worlds);
  const lines = [...counts].map(([name, many]) => `  ${name}: ${many}`).toSorted();
  process.stdout.write(`plans in ${worlds} generated worlds\n${lines.join('\n')}\n`);
  for (const route of ['label', 'gate', 'release', 'selector']) {
    expect(counts.get(`${route} → ${route}`)).toBeGreaterThan(100);
  }
  expect(counts.get('entries')).toBeGreaterThan(100);
}, 600_000);
