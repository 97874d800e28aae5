import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { hasNamespaces } from '../network/index.ts';
import { levelsHere, TestNode } from './test-node.ts';
import { SLEEP, box, sh, stateOf } from './test-pods.ts';

describe.each(levelsHere)('at level $title', ({ level, refusal }) => {
  describe.skipIf(refusal !== undefined || !hasNamespaces(level))(
    'a Pod in namespaces',
    { concurrent: true },
    () => {
      const node = TestNode.use(level);

      it('sees volumes change, but not what it mounted by subPath', async ({ expect }) => {
        const map = (name: string, data: object) => ({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name },
          data,
        });
        await node.create('configmaps', map('live', { one: '1', two: '2' }));
        const mount = (mountPath: string, more: object = {}) => ({
          name: 'conf',
          mountPath,
          ...more,
        });
        await node.run('live', {
          volumes: [
            { name: 'conf', configMap: { name: 'live', defaultMode: 0o400 } },
            {
              name: 'down',
              downwardAPI: {
                items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }],
              },
            },
          ],
          containers: [
            box(SLEEP, {
              volumeMounts: [
                mount('/conf'),
                mount('/one', { subPath: 'one' }),
                { name: 'down', mountPath: '/down' },
              ],
            }),
          ],
        });
        await node.ready('live');
        expect(
          await node.shell('live', 'cat /conf/one /one /down/labels; stat -Lc %a /conf/one'),
        ).toBe('11app="live"400\n');
        await node.request('/api/v1/namespaces/default/configmaps/live', {
          method: 'PUT',
          body: map('live', { one: 'uno' }),
        });
        await node.request('/api/v1/namespaces/default/pods/live', {
          method: 'PATCH',
          type: 'application/merge-patch+json',
          body: { metadata: { labels: { app: 'other' } } },
        });
        const seen = () => node.shell('live', 'cat /conf/one /one /down/labels; ls /conf');
        await expect.poll(seen, { timeout: 30_000 }).toBe('uno1app="other"one\n');
        expect((await node.exec('live', sh('echo x > /conf/one'))).stderr).toContain('Read-only');
      });

      it('mounts a token that the API server takes', async ({ expect }) => {
        await node.run('token', { containers: [box(SLEEP)] });
        await node.ready('token');
        const directory = '/var/run/secrets/kubernetes.io/serviceaccount';
        const ask = `node -e "
          const {readFileSync:r}=require('fs');
          require('https').get({host:process.env.KUBERNETES_SERVICE_HOST,port:443,path:'/api',ca:r('${directory}/ca.crt'),
            headers:{authorization:'Bearer '+r('${directory}/token')}},(a)=>{console.log(a.statusCode);process.exit(0)})"`;
        expect(await node.shell('token', `cat ${directory}/namespace; ${ask}`)).toBe(
          'default200\n',
        );
      });

      it('has a read-only root, no new privileges and few capabilities when it says so', async ({
        expect,
      }) => {
        const securityContext = {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        };
        await node.run('strict', { containers: [box(SLEEP, { securityContext })] });
        await node.run('usual', { containers: [box(SLEEP)] });
        await Promise.all([node.ready('strict'), node.ready('usual')]);
        for (const path of ['/x', '/tmp/x'])
          expect((await node.exec('strict', ['touch', path])).stderr).toContain('Read-only');
        const status = 'grep -E "CapEff|NoNewPrivs" /proc/1/status /proc/self/status';
        expect(await node.shell('strict', `${status} | grep -o "[0-9a-f]*$"`)).toBe(
          '0000000000000000\n1\n0000000000000000\n1\n',
        );
        // CAP_SYS_ADMIN and CAP_NET_ADMIN are not among the usual.
        expect((await node.exec('usual', sh('mount -t tmpfs x /tmp'))).exitCode).not.toBe(0);
        expect((await node.exec('usual', sh('mount -o remount,bind,rw /usr'))).exitCode).not.toBe(
          0,
        );
      });

      it('lets its containers see each other’s processes when it says so', async ({ expect }) => {
        await node.run('shared', {
          shareProcessNamespace: true,
          containers: [
            box(sh('sleep 1111')),
            { name: 'other', image: 'host', command: sh('sleep 2222 & wait') },
          ],
        });
        await node.ready('shared');
        const seen = await node.shell('shared', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "', 'other');
        expect(seen).toMatch(/sleep 1111/);
        expect(seen).toMatch(/sleep 2222/);
      });

      it('sees the processes of its node when it says so', async ({ expect }) => {
        await node.run('seen', { containers: [box(sh('exec sleep 7777'))] });
        await node.run('seer', { hostPID: true, containers: [box(SLEEP)] });
        await Promise.all([node.ready('seen'), node.ready('seer')]);
        const seen = await node.shell('seer', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "');
        expect(seen).toMatch(/sleep 7777/);
        await node.delete('seer', 0);
        await node.gone('seer');
        expect(await node.shell('seen', 'cat /proc/1/cmdline')).toContain('7777');
      });

      it('leaves nothing of a container behind that has ended, with shared processes neither', async ({
        expect,
      }) => {
        const shared = {
          restartPolicy: 'Never',
          containers: [
            { ...box(SLEEP), name: 'watcher' },
            box(sh('setsid sleep 8888 & sleep 0.5')),
          ],
        };
        await node.run('sharing', { ...shared, shareProcessNamespace: true });
        await node.run('hosting', { ...shared, hostPID: true });
        for (const name of ['sharing', 'hosting']) {
          const hasEnded = ({ status }: Pod) =>
            status?.containerStatuses?.some(({ state }) => state?.terminated) ?? false;
          const pod = await node.until(name, hasEnded);
          expect(pod.status?.containerStatuses?.find((one) => one.name === 'box')).toMatchObject({
            state: { terminated: { exitCode: 0 } },
          });
        }
        const seen = () =>
          node.shell('hosting', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "', 'watcher');
        await expect.poll(seen, { timeout: 30_000 }).not.toMatch(/sleep 8888/);
        expect(await seen()).toMatch(/sleep 0.1/);
      });

      it('shows an ephemeral container the processes of the container it names', async ({
        expect,
      }) => {
        await node.run('target', { containers: [box(sh('exec sleep 3333'))] });
        await node.ready('target');
        const debug = {
          name: 'debug',
          image: 'busybox',
          command: SLEEP,
          targetContainerName: 'box',
        };
        await node.request('/api/v1/namespaces/default/pods/target/ephemeralcontainers', {
          method: 'PATCH',
          type: 'application/strategic-merge-patch+json',
          body: { spec: { ephemeralContainers: [debug] } },
        });
        await node.until(
          'target',
          ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.running !== undefined,
        );
        const socket = await node.connect(
          'target',
          'exec?container=debug&command=cat&command=/proc/1/cmdline&stdout=true',
        );
        const output: string[] = [];
        socket.on(
          'message',
          (data: Buffer) => data[0] === 1 && output.push(data.subarray(1).toString()),
        );
        await expect.poll(() => output.join(''), { timeout: 30_000 }).toContain('sleep\u00003333');
        socket.close();
      });

      it('ends with whoever waits for it, whatever user it runs as', async ({ expect }) => {
        const securityContext = level === 'namespaces' ? { runAsUser: 1234 } : {};
        const marker = `sleep ${level === 'user' ? 4444 : 5555}`;
        await node.run('orphan', {
          restartPolicy: 'Never',
          containers: [box(sh(`exec ${marker}`), { securityContext })],
        });
        await node.ready('orphan');
        const first = processOf(marker);
        process.kill(parentOf(first), 'SIGKILL');
        await node.until('orphan', ({ status }) => status?.phase === 'Failed');
        await expect.poll(() => read(`/proc/${first}/cmdline`), { timeout: 30_000 }).toBe('');
      });

      it('gets a new sandbox when something kills its own, and starts again in it', async ({
        expect,
      }) => {
        await node.run('lost', { containers: [box(SLEEP)] });
        const before = await node.ready('lost');
        process.kill(sandboxOf('lost'), 'SIGKILL');
        const isAnew = (pod: Pod) =>
          stateOf(pod)?.restartCount === 1 && stateOf(pod)?.ready === true;
        const after = await node.until('lost', isAnew);
        expect(stateOf(after)?.containerID).not.toBe(stateOf(before)?.containerID);
        expect(after.status?.podIPs).toEqual([{ ip: after.status?.podIP }]);
        expect(await node.events('lost')).toContain(
          'Normal SandboxChanged Pod sandbox changed, it will be killed and re-created.',
        );
        expect(await node.shell('lost', 'echo alive')).toBe('alive\n');
      });
    },
  );
});

/** The process that holds a Pod's namespaces: the sleeper whose host is called like the Pod. */
function sandboxOf(pod: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = read(`/proc/${pid}/cmdline`);
    const root = read(`/proc/${pid}/environ`);
    if (command !== 'sleep\0infinity\0' || root.includes('HOSTNAME=')) continue;
    const { stdout } = spawnSync('nsenter', ['--target', pid, '--uts', 'hostname']);
    if (String(stdout).trim() === pod) return Number(pid);
  }
  throw new Error(`no process holds the namespaces of ${pod}`);
}

/** The process that was started by these words. */
function processOf(words: string): number {
  const found = readdirSync('/proc').find(
    (pid) =>
      /^\d+$/.test(pid) && read(`/proc/${pid}/cmdline`) === `${words} `.replaceAll(' ', '\0'),
  );
  if (found === undefined) throw new Error(`no process runs ${words}`);
  return Number(found);
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1]);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
