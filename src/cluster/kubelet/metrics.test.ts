import { expect, test } from 'vitest';
import { Metrics } from './metrics.ts';
import { newRun, type ContainerRun } from './pod/container-run.ts';

/** A container whose first process is this one. */
function running(name: string): ContainerRun {
  const alive = { pid: process.pid } as Extract<
    ContainerRun['state'],
    { kind: 'running' }
  >['process'];
  const startedAt = Date.now() - process.uptime() * 1000;
  const state = { kind: 'running', startedAt, containerId: name, process: alive } as const;
  return Object.assign(newRun({ name }, 'app', ''), { state });
}

test.skipIf(process.platform !== 'linux')('tells what running containers use', () => {
  const metadata = { namespace: 'shop', name: 'web', labels: { app: 'web' } };
  const waiting = newRun({ name: 'waiting' }, 'app', 'ContainerCreating');
  const metrics = new Metrics();
  const workers = [
    { pod: { metadata }, runs: [running('main'), waiting] },
    { pod: { metadata: { name: 'idle' } }, runs: [waiting] },
  ];
  const [web, ...others] = metrics.pods(workers);
  expect(others).toEqual([]);
  expect(web?.metadata).toEqual(metadata);
  expect(web?.containers.map(({ name }) => name)).toEqual(['main']);
  const { cpu = '', memory = '' } = web?.containers[0]?.usage ?? {};
  expect(Number(/^(\d+)n$/.exec(cpu)?.[1])).toBeGreaterThan(0);
  expect(Number(/^(\d+)Ki$/.exec(memory)?.[1])).toBeGreaterThan(10_000);
  expect(Number(/^(\d+)Ki$/.exec(metrics.node().usage.memory)?.[1])).toBeGreaterThan(10_000);
});
