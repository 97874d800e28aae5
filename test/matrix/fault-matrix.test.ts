import { afterAll, describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.ts';
import { routeNames } from '../support/crash/combination.ts';
import {
  faultEverywhere,
  type FaultCase,
  type FaultReport,
} from '../support/crash/fault-matrix.ts';
import { usersWithRole } from '../support/role.ts';

const world = useCluster();
const reports: FaultReport[] = [];

afterAll(() => {
  const total = new Map<string, number>();
  for (const [said, count] of reports.flatMap(({ outcomes }) => [...outcomes])) {
    const how = said.split(/[,:]/)[0] ?? said;
    total.set(how, (total.get(how) ?? 0) + count);
  }
  const counts = [...total].map(([how, count]) => `${count} ${how}`).join(', ');
  process.stdout.write(`fault matrix: ${counts}; all of them told the truth or are listed\n`);
});

/** `PITSTOP_CRASH_MATRIX=all` tries each fault at each call; else each call meets one, and each write each. */
function pick(cases: readonly FaultCase[]): readonly FaultCase[] {
  if (process.env['PITSTOP_CRASH_MATRIX'] === 'all') return cases;
  const seen = new Map<string, number>();
  return cases.filter(({ verb, call }) => {
    if (/^(?:PATCH|DELETE) /.test(call)) return true;
    const nth = seen.get(`${verb} ${call}`) ?? 0;
    seen.set(`${verb} ${call}`, nth + 1);
    const calls = new Set(seen.keys()).size;
    return nth === calls % 4;
  });
}

describe.each(routeNames)('route %s: whichever fault whichever call meets', (route) => {
  it('the session succeeds, or says where the Pod is and leaves it to restore', async () => {
    const users = await usersWithRole(world.cluster, route, ['alice', 'bob']);
    const crew = { kube: world.kube, lanes: 8, pick, ...users };
    const report = await faultEverywhere(crew, { route, owner: 'Deployment' });
    reports.push(report);
    process.stdout.write(
      [`route ${route}:`, ...report.unsuccessful, ...report.missed.map((each) => `missed ${each}`)]
        .join('\n  ')
        .concat('\n'),
    );
    expect(report.failures).toEqual([]);
  });
});
