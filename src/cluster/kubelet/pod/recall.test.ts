import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.js';
import { expect, test } from 'vitest';
import { newRuns } from './container-run.ts';
import { decide } from './decide.ts';
import { recall } from './recall.ts';

const time = '2026-01-01T00:00:00Z';
const common = {
  image: 'host',
  imageID: 'x',
  ready: true,
  restartCount: 2,
  containerID: 'pitstop://1',
};
const running = (name: string): ContainerStatus => ({
  ...common,
  name,
  state: { running: { startedAt: time } },
});
const ended = (name: string, exitCode: number): ContainerStatus => ({
  ...common,
  name,
  state: { terminated: { exitCode, reason: 'X', startedAt: time, finishedAt: time } },
});

function afterReboot(pod: Pod) {
  const runs = newRuns(pod);
  const now = Date.now();
  const known = recall(runs, pod, now);
  const restartPolicy = pod.spec?.restartPolicy ?? 'Always';
  return { runs, known, decision: decide(runs, { restartPolicy, now }) };
}

const names = (runs: readonly { container: { name: string } }[]) =>
  runs.map(({ container }) => container.name);

test('a Pod that never ran is nothing to take up', () => {
  const { known, decision } = afterReboot({ spec: { containers: [{ name: 'a' }] } });
  expect([known, names(decision.start)]).toEqual([false, ['a']]);
});

test('what ran has ended with the machine, and is started again with its count', () => {
  const { runs, decision } = afterReboot({
    spec: { containers: [{ name: 'a' }] },
    status: { containerStatuses: [running('a')] },
  });
  expect(names(decision.start)).toEqual(['a']);
  expect(runs[0]).toMatchObject({
    restartCount: 2,
    state: { kind: 'terminated', was: { exitCode: 255, reason: 'Unknown' } },
  });
});

test('init containers run again in the new sandbox, before the others', () => {
  const { decision } = afterReboot({
    spec: { initContainers: [{ name: 'i' }], containers: [{ name: 'a' }] },
    status: { initContainerStatuses: [ended('i', 0)], containerStatuses: [running('a')] },
  });
  expect(names(decision.start)).toEqual(['i']);
});

test.each([
  ['Never', [running('a')], 'finished'],
  ['OnFailure', [ended('a', 0)], 'finished'],
  ['OnFailure', [running('a')], 'i'],
])('with restart policy %s', (restartPolicy, containerStatuses, expected) => {
  const { decision } = afterReboot({
    spec: { restartPolicy, initContainers: [{ name: 'i' }], containers: [{ name: 'a' }] },
    status: { initContainerStatuses: [ended('i', 0)], containerStatuses },
  });
  expect(decision.finished ? 'finished' : names(decision.start).join()).toBe(expected);
});
