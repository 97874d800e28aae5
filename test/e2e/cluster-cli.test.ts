import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterRecord, ClusterStatus } from '../../src/cluster/index.ts';
import { kubectl } from '../support/kubectl.ts';
import { pitstop } from '../support/pitstop.ts';
import { until } from '../support/until.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pitstop-cli-'));
});
afterAll(async () => {
  for (const name of ['one', 'two']) await type('stop', `--name=${name}`);
  await rm(directory, { recursive: true, force: true });
});

/** Types `kubectl pitstop cluster …` as somebody whose clusters are only those of this file. */
async function type(...args: string[]) {
  const env = { HOME: directory, XDG_STATE_HOME: join(directory, 'state') };
  const { code, stdout, stderr } = await pitstop(['cluster', ...args], { env });
  return { code, stdout, stderr };
}

async function recordOf(name: string): Promise<ClusterRecord> {
  const { stdout } = await type('status', `--name=${name}`, '-o', 'json');
  const { items } = JSON.parse(stdout) as { items: ClusterStatus[] };
  const record = items[0]?.record;
  if (!record) throw new Error(`cluster ${name} has no record`);
  return record;
}

function refused(stderr: string | RegExp) {
  return { code: 2, stdout: '', stderr: expect.stringMatching(stderr) as string };
}

describe('what cannot be', () => {
  it.each([
    [['start', '--detach', '--nodes=0'], /a cluster cannot have 0 nodes\nhint: ask for 1 to 50/],
    [['start', '--detach', '--port=99999'], /99999 is no port\nhint: ask for one of 1 to 65535/],
    [['start', '--kubernetes-version=1.20'], /as Kubernetes 1\.20\nhint: ask for one of 1\.27 to/],
    [['start', '--detach', '--name=A_b'], /"A_b" cannot name a cluster\nhint: use up to 40 lower/],
    [['start', '--level=best'], /Allowed choices are namespaces, user, loopback, plain\./],
    [['start', '--proxy-mode=iptables'], /Allowed choices are auto, nftables, userspace\./],
    [
      ['start', '--detach', '--level=loopback', '--proxy-mode=nftables'],
      /nftables cannot be had at level loopback.*\nhint: ask for proxy mode userspace/,
    ],
    [['start', '--images=/no/such.yaml'], /\/no\/such\.yaml cannot be read.*\nhint: see what an/],
    [['start', 'extra'], /too many arguments/],
    [['status', '--name=none'], /cluster none is not running\nhint: .* --detach --name=none\n/],
    [['stop', '--name=none'], /cluster none is not running\nhint: .* cluster status\n/],
    [['kubeconfig', '--name=none'], /cluster none is not running\nhint: .* --name=none\n/],
    [['images', '--name=none'], /cluster none is not running\nhint: /],
    [['faults', '--name=none'], /cluster none is not running\nhint: /],
  ] as const)('%j', async (args, stderr) => {
    expect(await type(...args)).toEqual(refused(stderr));
  });

  it('a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await type('start', '--detach', '--name=two', `--port=${port}`)).toEqual(
      refused(`port ${port} of 127.0.0.1 is taken\nhint: ask for another port`),
    );
    server.close();
  });

  it.each([
    ['a: {image: b}', /a: image: command: .*\nhint: see what an image may say/],
    [': : {', /is neither YAML nor JSON: .*\nhint: /],
    ['[]', /must map names of images/],
  ])('an images file that says %s', async (text, stderr) => {
    const file = join(directory, 'images.yaml');
    await writeFile(file, text);
    expect(await type('start', '--detach', `--images=${file}`)).toEqual(refused(stderr));
  });
});

describe('a cluster with a data directory', () => {
  const start = (...args: string[]) =>
    type('start', '--detach', `--data-dir=${join(directory, 'data')}`, ...args);

  it('starts, and says to the shell where its kubeconfig is', async () => {
    const file = join(directory, 'images.yaml');
    await writeFile(file, 'greeter: {command: [echo, hello]}');
    const options = ['--nodes=1', '--level=loopback', '--proxy-mode=userspace'];
    const started = await start('--name=one', `--images=${file}`, ...options);
    const { kubeconfigPath, server } = await recordOf('one');
    expect(started).toEqual({
      code: 0,
      stdout: `export KUBECONFIG=${kubeconfigPath}\n`,
      stderr: expect.stringContaining(`${server} (level loopback)`) as string,
    });
    const nodes = await kubectl(kubeconfigPath, ['get', 'nodes', '--no-headers']);
    expect(nodes.stdout).toMatch(/^one-1 +Ready .*\n$/);
    expect(await type('start', '--detach', '--name=one')).toEqual(
      refused(/cluster one is already running\nhint: stop it first/),
    );
  });

  it('shows itself in every format', async () => {
    expect((await type('status')).stdout).toMatch(
      /^NAME +PHASE.*\none +running +https:.* loopback /,
    );
    expect((await type('status', '-o', 'name')).stdout).toBe('cluster/one\n');
    expect((await type('status', '-o', 'yaml')).stdout).toContain('\nkind: ClusterList\n');
    const { kubeconfigPath } = await recordOf('one');
    const kubeconfig = await type('kubeconfig', '--name=one');
    expect(kubeconfig.stdout).toBe(await readFile(kubeconfigPath, 'utf8'));
  });

  it('knows further users', async () => {
    const { stdout } = await type('kubeconfig', '--name=one', '--for=jane', '--group=devs');
    const path = join(directory, 'jane');
    await writeFile(path, stdout, { mode: 0o600 });
    const who = await kubectl(path, ['auth', 'whoami']);
    expect(who.stdout).toMatch(/Username +jane\nGroups +\[devs system:authenticated\]/);
    expect(await type('kubeconfig', '--name=one', '--group=devs')).toEqual(
      refused(/--group needs a user\nhint: .*--for=NAME/),
    );
  });

  it('takes images', async () => {
    const images = (...args: string[]) => type('images', ...args, '--name=one');
    expect((await images()).stdout).toMatch(/^IMAGE +COMMAND +FILES\n[^]*\ngreeter +echo hello /);
    expect((await type('images', 'set', 'web:1', '--name=one', '--', 'node', 'x.mjs')).code).toBe(
      0,
    );
    expect((await images('-o', 'name')).stdout).toContain('image/web:1\n');
    expect((await images('-o', 'json')).stdout).toContain('"web:1"');
    expect((await images('remove', 'web:1')).stderr).toBe('image/web:1 removed\n');
    expect(await images('remove', 'busybox')).toEqual(refused(/built-in images stay/));
    expect(await images('set', 'x', '--workdir=rel')).toEqual(refused(/x: image: workingDir: /));
    expect(await images('set', 'x', '--mount=/no/such:/app')).toEqual(refused(/does not exist/));
    expect(await images('set', 'x', '--env=A')).toEqual(refused(/--env=A names no value\nhint: /));
  });

  it('takes faults', async () => {
    const faults = (...args: string[]) => type('faults', ...args, '--name=one');
    expect((await faults()).stderr).toBe('No faults.\n');
    const added = await faults('request', '--verb=patch', '--answer=429', '--times=1');
    const [, id = ''] = /^fault\/(\w+) added\n$/.exec(added.stdout) ?? [];
    expect((await faults()).stdout).toMatch(new RegExp(`\n${id} +request +verb=patch +status 429`));
    expect((await faults('-o', 'yaml')).stdout).toContain('\nkind: FaultList\n');
    expect((await faults('remove', id)).code).toBe(0);
    expect(await faults('remove', id)).toEqual(refused(/not found\nhint: .* cluster faults\n/));
    expect(await faults('request')).toEqual(refused(/only one thing\nhint: one of --answer/));
    expect(await faults('kill', 'none')).toEqual(
      refused(/pods "none" not found\nhint: .*get pods/),
    );
    expect(await faults('stop-node', 'x')).toEqual(
      refused(/nodes "x" not found\nhint: .*get nodes/),
    );
    expect((await faults('clear')).code).toBe(0);
  });

  it('lets no second cluster into its data', async () => {
    expect(await start('--name=two')).toEqual(
      refused(/data\/journal is in use by another cluster: stop that one first/),
    );
  });

  it('comes back with everything after kill -9', async () => {
    const { kubeconfigPath, node, server } = await recordOf('one');
    await kubectl(kubeconfigPath, ['create', 'configmap', 'kept']);
    if (node) process.kill(node.pid, 'SIGKILL');
    await until('it is gone', async () => (await type('status', '--name=one')).code === 2);
    expect(await start('--name=one', '--level=loopback')).toMatchObject({ code: 0 });
    expect((await recordOf('one')).server).toBe(server);
    const kept = await kubectl(kubeconfigPath, ['get', 'configmap', 'kept', '-o', 'name']);
    expect(kept.stdout).toBe('configmap/kept\n');
    expect(await type('stop', '--name=one')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Cluster one is stopped; nothing of it is left.\n',
    });
  });
});
