import { expect, it } from 'vitest';
import { newRun, type ContainerRun } from './container-run.ts';
import { decide } from './decide.ts';

const ended = (exitCode: number, finishedAt = 0) =>
  ({
    kind: 'terminated',
    was: { exitCode, reason: '', startedAt: 0, finishedAt, containerId: '' },
  }) as const;

function run(
  name: string,
  role: ContainerRun['role'],
  state?: ContainerRun['state'],
): ContainerRun {
  return Object.assign(newRun({ name }, role, 'ContainerCreating'), state && { state });
}

function names(runs: readonly ContainerRun[], restartPolicy: string, now = 0) {
  const { start, finished } = decide(runs, { restartPolicy, now });
  return finished ? 'finished' : start.map(({ container }) => container.name).join(' ');
}

it('starts init containers one after the other, then all others', () => {
  const [first, second] = [run('first', 'init'), run('second', 'init')];
  const runs = [first, second, run('a', 'app'), run('b', 'app')];
  expect(names(runs, 'Always')).toBe('first');
  Object.assign(first, { state: ended(0), initialized: true });
  expect(names(runs, 'Always')).toBe('second');
  Object.assign(second, { state: ended(0), initialized: true });
  expect(names(runs, 'Always')).toBe('a b');
});

it('goes on past a sidecar that has started, and starts it again', () => {
  const sidecar = Object.assign(run('proxy', 'sidecar', ended(0)), { initialized: true });
  expect(names([sidecar, run('a', 'app')], 'Never')).toBe('proxy a');
});

it('fails a Pod that never restarts with its init container', () => {
  expect(names([run('first', 'init', ended(1)), run('a', 'app')], 'Never')).toBe('finished');
});

it.each([
  ['Always', 0, 'a'],
  ['OnFailure', 1, 'a'],
  ['OnFailure', 0, 'finished'],
  ['Never', 1, 'finished'],
])('with restartPolicy %s after exit code %i: %s', (policy, code, expected) => {
  expect(names([run('a', 'app', ended(code))], policy)).toBe(expected);
});

it('holds a container back until its back-off has passed', () => {
  const crashed = Object.assign(run('a', 'app', ended(1, 5000)), {
    backOff: { delayMs: 10_000, updatedAt: 0 },
  });
  expect(decide([crashed], { restartPolicy: 'Always', now: 6000 }).backOff).toEqual([
    { run: crashed, until: 15_000 },
  ]);
  expect(names([crashed], 'Always', 15_000)).toBe('a');
});

const exited = (code: number, more: object, role: ContainerRun['role'] = 'app') => {
  const one = run('a', role, ended(code));
  return Object.assign(one, { container: { ...one.container, ...more } });
};
const rule = (operator: string, ...values: number[]) => ({
  restartPolicy: 'Never',
  restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values } }],
});

it.each([
  ['In', [42], 42, 'a'],
  ['In', [42], 1, 'finished'],
  ['NotIn', [1, 2], 3, 'a'],
  ['NotIn', [1, 2], 2, 'finished'],
])('a rule for codes %s %j after exit code %i: %s', (operator, values, code, expected) => {
  expect(names([exited(code, rule(operator, ...values))], 'Never')).toBe(expected);
});

it('goes by a container’s own policy before its Pod’s', () => {
  expect(names([exited(1, { restartPolicy: 'Never' })], 'Always')).toBe('finished');
  expect(names([exited(1, { restartPolicy: 'OnFailure' })], 'Never')).toBe('a');
  expect(names([exited(0, { restartPolicy: 'Always' })], 'Never')).toBe('a');
});

it('fails with an init container that does not restart, and lets one try again that does', () => {
  const app = run('b', 'app');
  expect(names([exited(1, { restartPolicy: 'Never' }, 'init'), app], 'Always')).toBe('finished');
  expect(names([exited(1, { restartPolicy: 'OnFailure' }, 'init'), app], 'Never')).toBe('a');
  expect(names([exited(3, rule('NotIn', 1), 'init'), app], 'Never')).toBe('a');
});
