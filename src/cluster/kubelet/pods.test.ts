import { describe, it } from 'vitest';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { hasNamespaces } from '../network/index.ts';
import { levelsHere, TestNode } from './test-node.ts';
import { SLEEP, box, sh, stateOf } from './test-pods.ts';

/** `kubernetes-types` is of 1.30. */
interface Status {
  readonly user?: { readonly linux?: { readonly uid?: number } };
}

describe.each(levelsHere)('at level $title', ({ level, refusal }) => {
  describe.skipIf(refusal !== undefined)('a Pod', { concurrent: true }, () => {
    const node = TestNode.use(level);

    it(
      'is evicted when its emptyDir holds more than its limit',
      { timeout: 60_000 },
      async ({ expect }) => {
        const to = hasNamespaces(level) ? '/data' : '$POD_ROOT/data';
        await node.run('full', {
          volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }],
          containers: [
            box(sh(`head -c 3000000 /dev/zero > ${to}/x; while :; do sleep 0.1; done`), {
              volumeMounts: [{ name: 'data', mountPath: '/data' }],
            }),
          ],
        });
        const pod = await node.until('full', ({ status }) => status?.phase === 'Failed');
        expect(pod.status).toMatchObject({
          reason: 'Evicted',
          message: 'Usage of EmptyDir volume "data" exceeds the limit "1Mi". ',
        });
        expect(await node.events('full')).toContain(
          'Warning Evicted Usage of EmptyDir volume "data" exceeds the limit "1Mi". ',
        );
      },
    );

    it('fails at its deadline', async ({ expect }) => {
      await node.run('late', {
        activeDeadlineSeconds: 1,
        terminationGracePeriodSeconds: 1,
        containers: [box(SLEEP)],
      });
      const pod = await node.until('late', ({ status }) => status?.phase === 'Failed');
      expect(pod.status).toMatchObject({
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
      });
    });

    it('is rejected when it comes past the scheduler and its host port is taken', async ({
      expect,
    }) => {
      const ports = [{ containerPort: 21_018, hostPort: 21_018 }];
      await node.run('first-there', { containers: [box(SLEEP, { ports })] });
      await node.ready('first-there');
      const { spec } = await node.pod('first-there');
      await node.run('too-late', {
        nodeName: spec?.nodeName ?? '',
        containers: [box(SLEEP, { ports })],
      });
      const pod = await node.until('too-late', ({ status }) => status?.phase === 'Failed');
      const why =
        "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
      expect(pod.status).toMatchObject({
        reason: 'NodePorts',
        message: `Pod was rejected: ${why}`,
      });
      await expect.poll(() => node.events('too-late')).toContain(`Warning NodePorts ${why}`);
    });

    it('waits for the ConfigMap it mounts, and goes on at once when it comes', async ({
      expect,
    }) => {
      await node.run('waiting', {
        volumes: [{ name: 'conf', configMap: { name: 'late-map' } }],
        containers: [box(SLEEP, { volumeMounts: [{ name: 'conf', mountPath: '/conf' }] })],
      });
      const said =
        'Warning FailedMount MountVolume.SetUp failed for volume "conf" : configmap "late-map" not found';
      await expect.poll(() => node.events('waiting'), { timeout: 20_000 }).toContain(said);
      expect(stateOf(await node.pod('waiting'))?.state?.waiting?.reason).toBe('ContainerCreating');
      const metadata = { name: 'late-map' };
      await node.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} });
      await node.ready('waiting');
    });

    it('tells an image that may never be pulled', async ({ expect }) => {
      await node.run('never', {
        containers: [{ name: 'box', image: 'postgres:16', imagePullPolicy: 'Never' }],
      });
      const pod = await node.until('never', (pod) => stateOf(pod)?.state?.waiting !== undefined);
      await node.until(
        'never',
        (pod) => stateOf(pod)?.state?.waiting?.reason === 'ErrImageNeverPull',
      );
      expect(pod.status?.phase).toBe('Pending');
    });

    it('runs the programs of the built-in images', async ({ expect }) => {
      await node.run('tester', {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'box',
            image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
            args: ['entrypoint-tester', 'one'],
          },
        ],
      });
      await node.until('tester', ({ status }) => status?.phase === 'Succeeded');
      expect(await node.log('tester')).toBe('[/agnhost entrypoint-tester one]\n');
    });

    it('starts a container anew when its image changes, whatever its restart policy', async ({
      expect,
    }) => {
      await node.run('changing', {
        terminationGracePeriodSeconds: 1,
        restartPolicy: 'Never',
        containers: [box(SLEEP, { image: 'busybox:1' })],
      });
      await node.ready('changing');
      await node.request('/api/v1/namespaces/default/pods/changing', {
        method: 'PATCH',
        type: 'application/strategic-merge-patch+json',
        body: { spec: { containers: [{ name: 'box', image: 'busybox:2' }] } },
      });
      const isAnew = (pod: Pod) => stateOf(pod)?.restartCount === 1 && stateOf(pod)?.ready === true;
      expect(stateOf(await node.until('changing', isAnew))?.image).toBe('busybox:2');
      expect(await node.events('changing')).toContain(
        'Normal Killing Container box definition changed, will be restarted',
      );
    });

    it('has one more chance for each exit code its rules name', async ({ expect }) => {
      const rules = {
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
      };
      await node.run('rules', {
        restartPolicy: 'Never',
        containers: [box(sh('exit 42'), rules)],
      });
      const pod = await node.until('rules', (pod) => (stateOf(pod)?.restartCount ?? 0) > 0);
      expect(stateOf(pod)?.lastState?.terminated?.exitCode).toBe(42);
    });

    it('fails with an init container that says it is not started again', async ({ expect }) => {
      const once = { name: 'init', restartPolicy: 'Never' };
      await node.run('unprepared', {
        initContainers: [{ ...box(sh('exit 5')), ...once }],
        containers: [box(SLEEP)],
      });
      const pod = await node.until('unprepared', ({ status }) => status?.phase === 'Failed');
      expect(pod.status?.initContainerStatuses?.[0]).toMatchObject({
        restartCount: 0,
        state: { terminated: { exitCode: 5 } },
      });
    });

    it('leaves last words: in the file, or at the end of its log', async ({ expect }) => {
      const run = (name: string, script: string, more: object) =>
        node.run(name, { restartPolicy: 'Never', containers: [box(sh(script), more)] });
      const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' };
      await run('file', 'printf DONE > ${TERMINATION_LOG:-/dev/termination-log}', fallback);
      await run('tail', 'echo from the log; exit 1', fallback);
      await run('silent', 'echo from the log', fallback);
      const message = async (name: string) => {
        const pod = await node.until(name, (pod) => stateOf(pod)?.state?.terminated !== undefined);
        return stateOf(pod)?.state?.terminated?.message;
      };
      expect(await Promise.all(['file', 'tail', 'silent'].map(message))).toEqual([
        'DONE',
        'from the log\n',
        undefined,
      ]);
    });

    it(
      'is killed with exit code 137 when it uses more memory than its limit',
      { timeout: 60_000 },
      async ({ expect }) => {
        const hungry = 'const all = []; setInterval(() => all.push(Buffer.alloc(5e6, 1)), 20)';
        await node.run('hungry', {
          restartPolicy: 'Never',
          containers: [box(['node', '-e', hungry], { resources: { limits: { memory: '150Mi' } } })],
        });
        const pod = await node.until(
          'hungry',
          (pod) => stateOf(pod)?.state?.terminated !== undefined,
        );
        expect(stateOf(pod)?.state?.terminated).toMatchObject({
          exitCode: 137,
          reason: 'OOMKilled',
        });
      },
    );

    it(
      'is evicted when a container writes more than its limit',
      { timeout: 60_000 },
      async ({ expect }) => {
        const resources = { limits: { 'ephemeral-storage': '1Mi' } };
        const command = sh('head -c 3000000 /dev/zero > "$HOME/x"; while :; do sleep 0.1; done');
        await node.run('written', { containers: [box(command, { resources })] });
        const pod = await node.until('written', ({ status }) => status?.phase === 'Failed');
        expect(pod.status).toMatchObject({
          reason: 'Evicted',
          message: 'Container box exceeded its local ephemeral storage limit "1Mi". ',
        });
      },
    );

    it('is stopped by the signal it names', async ({ expect }) => {
      const command = sh('trap "echo usr1; exit 0" USR1; while :; do sleep 0.1; done');
      const spec = {
        os: { name: 'linux' },
        containers: [box(command, { lifecycle: { stopSignal: 'SIGUSR1' } })],
      };
      await node.run('signalled', spec);
      await node.ready('signalled');
      const log = node.log('signalled', 'follow=true');
      await node.delete('signalled');
      expect(await log).toBe('usr1\n');
      await node.gone('signalled');
    });

    it('has a log of each of its streams', async ({ expect }) => {
      const command = sh('echo out; echo err >&2; echo out again');
      await node.run('streams', { restartPolicy: 'Never', containers: [box(command)] });
      await node.until('streams', ({ status }) => status?.phase === 'Succeeded');
      expect(await node.log('streams', 'stream=Stdout')).toBe('out\nout again\n');
      expect(await node.log('streams', 'stream=Stderr')).toBe('err\n');
      expect((await node.log('streams', 'stream=All')).split('\n').toSorted()).toEqual([
        '',
        'err',
        'out',
        'out again',
      ]);
    });

    it('keeps what it wrote to a claim for the Pod that comes after it', async ({ expect }) => {
      const requests = { storage: '1Mi' };
      await node.create('persistentvolumeclaims', {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'kept' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests } },
      });
      const to = hasNamespaces(level) ? '/data' : '$POD_ROOT/data';
      const use = async (name: string, script: string) => {
        await node.run(name, {
          restartPolicy: 'Never',
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'kept' } }],
          containers: [box(sh(script), { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
        });
        await node.until(name, ({ status }) => status?.phase === 'Succeeded');
        return await node.log(name);
      };
      await use('writer', `echo kept > ${to}/file`);
      expect(await use('reader', `cat ${to}/file`)).toBe('kept\n');
    });

    it('says once what no level does', async ({ expect }) => {
      const seccompProfile = { type: 'RuntimeDefault' };
      const mount = { name: 'data', mountPath: '/data', mountPropagation: 'HostToContainer' };
      await node.run('ignored', {
        securityContext: { seccompProfile },
        volumes: [{ name: 'data', emptyDir: {} }],
        containers: [box(SLEEP, { volumeMounts: [mount] }), { ...box(SLEEP), name: 'other' }],
      });
      await node.ready('ignored');
      const events = await node.events('ignored');
      for (const said of [
        'seccompProfile RuntimeDefault is not',
        'mountPropagation HostToContainer of /data is not',
      ])
        expect(
          events.filter((event) => event.startsWith(`Warning IsolationLimit ${said}`)),
        ).toHaveLength(1);
    });

    it('says once and clearly what its level cannot do', async ({ expect }) => {
      await node.run('limited', {
        securityContext: { runAsUser: 1234 },
        containers: [box(SLEEP)],
      });
      await node.ready('limited');
      const limits = (await node.events('limited')).filter((text) => /IsolationLimit/.test(text));
      const isRoot = level === 'namespaces';
      expect(limits.filter((text) => /runAsUser/.test(text))).toEqual(
        isRoot
          ? []
          : [
              `Warning IsolationLimit runAsUser, runAsGroup and groups are not applied at isolation level ${level}: everything runs as the user who started the cluster`,
            ],
      );
      const { uid } = (stateOf(await node.pod('limited')) as Status | undefined)?.user?.linux ?? {};
      expect(uid).toBe(isRoot ? 1234 : 0);
      expect(await node.shell('limited', 'id -u')).toBe(
        `${isRoot ? 1234 : level === 'user' ? 0 : (process.getuid?.() ?? 0)}\n`,
      );
    });
  });
});
