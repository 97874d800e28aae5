import { describe, it } from 'vitest';
import { conditionOf, levelsHere, TestNode } from './test-node.ts';
import { sh } from './test-pods.ts';

const SLEEP = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];

describe.each(levelsHere)('at level $title', ({ level, refusal }) => {
  describe.skipIf(refusal !== undefined)('the kubelet', { concurrent: true }, () => {
    const node = TestNode.use(level);

    it('starts a failing container again at once, and then holds it back', async ({ expect }) => {
      await node.run('crash', {
        containers: [{ name: 'box', image: 'host', command: sh('echo run; exit 7') }],
      });
      const pod = await node.until(
        'crash',
        ({ status }) =>
          status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
      );
      expect(pod.status?.containerStatuses?.[0]).toMatchObject({
        restartCount: 1,
        ready: false,
        state: {
          waiting: {
            message: expect.stringMatching(
              /^back-off 10s restarting failed container=box pod=crash_default\(/,
            ),
          },
        },
        lastState: { terminated: { exitCode: 7, reason: 'Error' } },
      });
      expect(pod.status?.phase).toBe('Running');
      expect(await node.log('crash', 'previous=true')).toBe('run\n');
      expect(await node.events('crash')).toContainEqual(
        expect.stringMatching(
          /^Warning BackOff Back-off restarting failed container box in pod crash_default\(/,
        ),
      );
    });

    it('ends a Pod that is done in the phase its exit codes give', async ({ expect }) => {
      const run = (name: string, code: number) =>
        node.run(name, {
          restartPolicy: 'Never',
          containers: [{ name: 'box', image: 'host', command: sh(`exit ${code}`) }],
        });
      await Promise.all([run('good', 0), run('bad', 3)]);
      const good = await node.until('good', ({ status }) => status?.phase === 'Succeeded');
      const bad = await node.until('bad', ({ status }) => status?.phase === 'Failed');
      expect(good.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
        exitCode: 0,
        reason: 'Completed',
      });
      expect(conditionOf(good, 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
      expect(bad.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
        exitCode: 3,
        reason: 'Error',
      });
    });

    it('ends a deleted Pod by SIGTERM, or by SIGKILL when its grace is over', async ({
      expect,
    }) => {
      const deaf = ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'];
      await node.run('kind', { containers: [{ name: 'box', image: 'host', command: SLEEP }] });
      await node.run('deaf', {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'box', image: 'host', command: deaf }],
      });
      await Promise.all([node.ready('kind'), node.ready('deaf')]);
      const start = Date.now();
      await Promise.all([node.delete('kind'), node.delete('deaf')]);
      await node.gone('kind');
      await node.gone('deaf');
      const took = Date.now() - start;
      expect(took).toBeGreaterThanOrEqual(1000);
      expect(took).toBeLessThan(28_000);
      expect(await node.events('kind')).toContain('Normal Killing Stopping container box');
    });

    it('restarts a container whose liveness probe fails', async ({ expect }) => {
      await node.run('lively', {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'box',
            image: 'host',
            command: SLEEP,
            livenessProbe: { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 2 },
          },
        ],
      });
      const pod = await node.until(
        'lively',
        ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0,
      );
      expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(0);
      const events = await node.events('lively');
      expect(events).toContain(
        'Normal Killing Container box failed liveness probe, will be restarted',
      );
      expect(events).toContainEqual(
        expect.stringMatching(/^Warning Unhealthy Liveness probe failed: /),
      );
    });

    it('counts a missing readiness gate as False, and takes back a Ready written by hand', async ({
      expect,
    }) => {
      await node.run('gated', {
        readinessGates: [{ conditionType: 'pitstop.dev/in-service' }],
        containers: [{ name: 'box', image: 'host', command: SLEEP }],
      });
      const shut = await node.until(
        'gated',
        (pod) => conditionOf(pod, 'ContainersReady')?.status === 'True',
      );
      expect(conditionOf(shut, 'Ready')).toMatchObject({
        status: 'False',
        reason: 'ReadinessGatesNotReady',
        message:
          'corresponding condition of pod readiness gate "pitstop.dev/in-service" does not exist.',
      });
      await node.patchStatus('gated', [{ type: 'pitstop.dev/in-service', status: 'True' }]);
      const open = await node.until(
        'gated',
        (pod) => conditionOf(pod, 'Ready')?.status === 'True',
        5000,
      );
      expect(conditionOf(open, 'Ready')?.reason).toBeUndefined();
      await node.patchStatus('gated', [{ type: 'Ready', status: 'False' }]);
      await node.until('gated', (pod) => conditionOf(pod, 'Ready')?.status === 'True');
    });

    it('runs hooks, and lets a deletion end a hook that hangs', async ({ expect }) => {
      const hooked = (postStart: string, preStop: string) => ({
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            name: 'box',
            image: 'host',
            command: SLEEP,
            lifecycle: {
              postStart: { exec: { command: sh(postStart) } },
              preStop: { exec: { command: sh(preStop) } },
            },
          },
        ],
      });
      await node.run('hooks', hooked('exit 0', 'exit 4'));
      await node.run('hanging', hooked('sleep 60', 'exit 0'));
      await node.ready('hooks');
      // The hook holds the status back; the Event comes before it.
      const isStarted = async () => await node.events('hanging');
      await expect
        .poll(isStarted, { timeout: 20_000 })
        .toContain('Normal Started Container started');
      const start = Date.now();
      await Promise.all([node.delete('hooks'), node.delete('hanging')]);
      await Promise.all([node.gone('hooks'), node.gone('hanging')]);
      // The hook would hang for a minute; the grace period is five seconds.
      expect(Date.now() - start).toBeLessThan(50_000);
      expect(await node.events('hooks')).toContainEqual(
        expect.stringMatching(
          /^Warning FailedPreStopHook PreStopHook failed: command 'sh -c exit 4' exited with 4: /,
        ),
      );
    });

    it('says what to do about an image it does not have', async ({ expect }) => {
      await node.run('pulled', { containers: [{ name: 'box', image: 'postgres:16' }] });
      const pod = await node.until(
        'pulled',
        ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImagePull',
      );
      expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toMatch(
        /has none named "postgres:16".*say "command:"/,
      );
      expect(pod.status?.phase).toBe('Pending');
    });

    it('runs init containers first, one after the other', async ({ expect }) => {
      const init = (name: string, script: string) => ({
        name,
        image: 'host',
        command: sh(script),
        volumeMounts: [],
      });
      await node.run('inits', {
        restartPolicy: 'Never',
        initContainers: [init('first', 'sleep 0.3; date +%s%N'), init('second', 'date +%s%N')],
        containers: [{ name: 'box', image: 'host', command: sh('date +%s%N') }],
      });
      await node.until('inits', ({ status }) => status?.phase === 'Succeeded');
      const times = await Promise.all(
        ['first', 'second', 'box'].map((name) => node.log('inits', `container=${name}`)),
      );
      expect(times.map(Number)).toEqual(times.map(Number).toSorted((a, b) => a - b));
    });

    it('shows logs by their end, with times, and follows them to the end of the container', async ({
      expect,
    }) => {
      await node.run('talk', {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'box',
            image: 'host',
            command: sh('for i in 1 2 3; do echo "line $i"; done; sleep 1; echo last; printf end'),
          },
        ],
      });
      await node.until('talk', ({ status }) => status?.phase === 'Running');
      expect(await node.log('talk', 'follow=true')).toBe('line 1\nline 2\nline 3\nlast\nend');
      expect(await node.log('talk', 'tailLines=2')).toBe('last\nend');
      expect(await node.log('talk', 'tailLines=2&timestamps=true')).toMatch(
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z last\n/,
      );
    });
  });
});
