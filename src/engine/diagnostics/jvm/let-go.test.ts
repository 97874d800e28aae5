import { expect, test } from 'vitest';
import { startContainer } from '../../../../test/support/jvm-container.ts';
import { hasSandbox } from '../../../../test/support/sandbox.ts';
import { until } from '../../../../test/support/until.ts';
import { untilLetGo } from './let-go.ts';

const directory = '/tmp/pitstop-0badcafe';

/** Holds a file of the directory open, also when that is removed, until it gets a USR1. */
const holder = `mkdir ${directory}; exec 3>${directory}/heap.hprof
trap 'exec 3>&-' USR1
echo ready
while :; do sleep 0.1; done`;

test.runIf(hasSandbox())('a process that still writes is waited for', async () => {
  const { context, progress, sh, send } = await startContainer(['sh', '-c', holder]);
  const process = { pid: 1 };
  await sh(`rm -r ${directory}`);
  let isOver = false;
  const waiting = untilLetGo(context, { process, asUser: [] }, directory).finally(() => {
    isOver = true;
  });
  await until('a word about it', async () => Promise.resolve(progress.length > 0));
  expect(isOver).toBe(false);
  send('SIGUSR1');
  expect(await waiting).toBe(true);
  expect(progress[0]).toContain('the JVM still writes');
});

test.runIf(hasSandbox())('what cannot be looked at is not waited for', async () => {
  const { context } = await startContainer(['sh', '-c', 'echo ready; exec sleep 600']);
  const gone = { pid: 4_000_000 };
  expect(await untilLetGo(context, { process: gone, asUser: [] }, directory)).toBe(false);
});
