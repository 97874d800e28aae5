import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { findCommand } from './runtime/find-command.ts';
import { conditionOf, contained, noNamespaces, TestNode } from './test-node.ts';

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
    const states = () => node.shell('orphans', 'cat /proc/[0-9]*/stat | cut -d" " -f3');
    await expect.poll(states, { timeout: 30_000 }).not.toContain('Z');
    await node.delete('orphans');
    await node.gone('orphans');
    await expect.poll(zombiesBelowUs, { timeout: 30_000 }).toEqual([]);
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
      await expect.poll(() => `${got[0]}${got[1]}`, { timeout: 30_000 }).toMatch(/inside|refused/);
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
