import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { findCommand } from './runtime/find-command.ts';
import { conditionOf, contained, levelsHere, noNamespaces, TestNode } from './test-node.ts';

const path = process.env['PATH'] ?? '';
const hasJdk = ['java', 'jcmd', 'jmap'].every((tool) =>
  findCommand(tool, { path, directory: '/' }),
);

/** Answers with the Pod's name on the Pod's address, whichever way it is told. */
const SERVER = [
  'node',
  '-e',
  `require('http').createServer((_, r) => r.end(process.env.HOSTNAME)).listen(8080, process.env.POD_IP)`,
];
/** Ended processes that nobody has collected, among all that descend from this one. */
function zombiesBelowUs(): string[] {
  const all = readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ pid, state, parent, stat }];
    } catch {
      return [];
    }
  });
  const below = (pid: string): typeof all =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return below(`${process.pid}`)
    .filter(({ state }) => state === 'Z')
    .map(({ stat }) => stat.slice(0, 40));
}

const SLEEP = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];

describe.skipIf(noNamespaces !== undefined)('containers in namespaces', () => {
  const node = TestNode.use(contained);

  it('gives each Pod port 8080, PID 1, a hostname and a /tmp of its own', async () => {
    const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
    const containers = [{ name: 'web', image: 'host', command: SERVER, readinessProbe }];
    await Promise.all(['one', 'two'].map((name) => node.run(name, { containers })));
    const pods = await Promise.all(['one', 'two'].map((name) => node.ready(name)));
    const [first, second] = pods.map((pod) => pod.status?.podIP ?? '');
    expect(first).not.toBe(second);

    await node.shell('one', 'echo mine > /tmp/note; echo mine > /note');
    expect(await node.shell('one', 'cat /tmp/note /note; hostname; cat /proc/1/comm')).toMatch(
      /^mine\nmine\none\n(node|MainThread)\n$/,
    );
    expect((await node.exec('two', ['ls', '/tmp/note', '/note'])).exitCode).toBe(2);
    expect(
      await node.shell(
        'one',
        `node -e "fetch('http://${second}:8080').then(r => r.text()).then(console.log)"`,
      ),
    ).toBe('two\n');
    expect((await node.exec('one', ['touch', '/usr/x'])).stderr).toContain('Read-only file system');
  });

  it("needs nothing of a container's own PATH to start it and to run commands in it", async () => {
    // An ordinary user's PATH has no /usr/sbin, where pivot_root is; a Pod's may have nothing.
    const env = [{ name: 'PATH', value: '/nowhere' }];
    const command = ['/bin/sh', '-c', 'while :; do /bin/sleep 0.1; done'];
    await node.run('pathless', { containers: [{ name: 'main', image: 'host', command, env }] });
    await node.ready('pathless');
    const { stdout } = await node.exec('pathless', ['/bin/sh', '-c', 'echo "$PATH"']);
    expect(String(stdout)).toBe('/nowhere\n');
  });

  it('logs what the container wrote, and nothing of what ran it, also when it is killed', async () => {
    const command = ['sh', '-c', 'echo up; while :; do sleep 0.1; done'];
    await node.run('killed', { containers: [{ name: 'box', image: 'host', command }] });
    await node.ready('killed');
    const log = node.log('killed', 'follow=true');
    await node.delete('killed', 1);
    expect(await log).toBe('up\n');
  });

  it('leaves no zombie behind, in the container or beside the node process', async () => {
    await node.run('orphans', { containers: [{ name: 'box', image: 'host', command: SLEEP }] });
    await node.ready('orphans');
    for (let i = 0; i < 5; i += 1)
      await node.shell('orphans', '((sleep 0.05 &); (setsid sleep 30 &)) >/dev/null 2>&1');
    const socket = await node.connect('orphans', 'exec?command=sleep&command=0.3&stdout=true');
    socket.once('open', () => socket.terminate());
    await delay(500);
    expect(await node.shell('orphans', 'cat /proc/[0-9]*/stat | cut -d" " -f3')).not.toContain('Z');
    await node.delete('orphans');
    await node.gone('orphans');
    await expect.poll(zombiesBelowUs, { timeout: 5000 }).toEqual([]);
  });

  it('forwards a port to 127.0.0.1 of the Pod, and says when nobody listens there', async () => {
    const command = [
      'node',
      '-e',
      `require('http').createServer((_, r) => r.end('inside')).listen(9000, '127.0.0.1')`,
    ];
    await node.run('forward', { containers: [{ name: 'web', image: 'host', command }] });
    await node.ready('forward');
    const ask = async (port: number) => {
      const socket = await node.connect(
        'forward',
        `portforward?ports=${port}`,
        'v4.channel.k8s.io',
      );
      const got = ['', ''];
      socket.on(
        'message',
        (message: Buffer) => (got[message[0] ?? 0] += message.subarray(1).toString('latin1')),
      );
      socket.once('open', () => socket.send(Buffer.from('\0GET / HTTP/1.0\r\n\r\n')));
      await expect.poll(() => `${got[0]}${got[1]}`, { timeout: 10_000 }).toMatch(/inside|refused/);
      socket.close();
      return got;
    };
    // Ready without a probe says only that the process runs, not that it listens.
    await expect
      .poll(() => ask(9000), { timeout: 20_000 })
      .toEqual([expect.stringContaining('inside'), expect.any(String)]);
    const [head = '', none = ''] = await ask(9000);
    // Each channel begins with the port, least byte first.
    expect([head.slice(0, 2), none]).toEqual(['\x28\x23', '\x28\x23']);
    const [, error] = await ask(9001);
    expect(error).toContain('error forwarding port 9001 to pod');
  });

  it('shows volumes where they are mounted, also below directories of the host', async () => {
    await node.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings' },
      data: { 'app.conf': 'colour=blue', level: 'high' },
    });
    const mount = (name: string, mountPath: string) => ({ name, mountPath });
    const volumeMounts = [
      mount('conf', '/etc/shop'),
      mount('data', '/data'),
      mount('data', '/var/lib/shop'),
    ];
    await node.run('volumes', {
      volumes: [
        { name: 'conf', configMap: { name: 'settings' } },
        { name: 'data', emptyDir: {} },
      ],
      containers: [
        {
          name: 'box',
          image: 'host',
          command: SLEEP,
          volumeMounts,
          env: [
            { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level' } } },
            { name: 'ME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
            { name: 'BOTH', value: '$(ME)/$(LEVEL) $$(ME) $(NONE)' },
          ],
        },
      ],
    });
    await node.ready('volumes');
    expect(
      await node.shell('volumes', 'cat /etc/shop/app.conf; echo x > /data/x; ls /var/lib/shop'),
    ).toBe('colour=bluex\n');
    expect(await node.shell('volumes', 'echo "$LEVEL $ME $APP $BOTH"')).toBe(
      'high volumes volumes volumes/high $(ME) $(NONE)\n',
    );
    expect(await node.shell('volumes', 'test -s /etc/passwd && echo there')).toBe('there\n');
  });

  it.skipIf(!hasJdk)(
    'lets jcmd and jmap speak to the JVM that is PID 1',
    { timeout: 120_000 },
    async () => {
      const env = [{ name: 'MY_API_HEAP_MB', value: '20' }];
      const readinessProbe = { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 };
      await node.run('jvm', {
        containers: [{ name: 'api', image: 'my-api:1-jvm', env, readinessProbe }],
      });
      await node.until('jvm', (pod) => conditionOf(pod, 'Ready')?.status === 'True', 90_000);
      expect(await node.shell('jvm', 'jcmd 1 GC.heap_info')).toContain('Metaspace');
      await node.shell('jvm', 'jmap -dump:format=b,file=/tmp/x.hprof 1');
      expect(await node.shell('jvm', 'head -c 12 /tmp/x.hprof')).toBe('JAVA PROFILE');
    },
  );
});

describe.each(levelsHere)('at level $title', ({ level, refusal }) => {
  describe.skipIf(refusal !== undefined)('the kubelet', { concurrent: true }, () => {
    const node = TestNode.use(level);
    const sh = (script: string) => ['sh', '-c', script];

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
      expect(took).toBeLessThan(15_000);
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
      await node.until('gated', (pod) => conditionOf(pod, 'Ready')?.status === 'True', 12_000);
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
      expect(Date.now() - start).toBeLessThan(8000);
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
