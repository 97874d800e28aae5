import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, Pod, PodSpec } from 'kubernetes-types/core/v1.js';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chooseIsolation } from '../../src/cluster/launch/isolation.ts';
import { speakerClassFile } from '../../src/engine/diagnostics/jvm/attach/speaker-class.ts';
import { speakerClass } from '../../src/engine/diagnostics/jvm/attach/speakers.ts';
import { createPlan, runSession, type SessionRequest } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { findJdks, jdkImage, jreImage } from '../support/jvm-images.ts';
import { hasTools } from '../support/tools.ts';
import { until } from '../support/until.ts';

const { level } = await chooseIsolation('auto');
const jvmFolder = new URL('../../src/engine/diagnostics/jvm/', import.meta.url);
const world = useCluster();
const jdks = findJdks();
const releases = [...jdks.keys()].toSorted((a, b) => a - b);
const [oldest = 0] = releases;

/** Whether containers have users of their own here, and only root can give them those. */
const hasUsers = level === 'namespaces';
const noUsers = hasUsers ? '' : ` (level ${level}: containers have no users of their own)`;

const program = `
public class App {
  static final java.util.List<byte[]> orders = new java.util.ArrayList<>();
  public static void main(String[] args) throws Exception {
    for (int i = 0; i < Integer.parseInt(args[0]) * 1000; i++) orders.add(new byte[1000]);
    java.net.ServerSocket ready = new java.net.ServerSocket(8080);
    while (true) ready.accept().close();
  }
}`;

interface Box extends Partial<Container> {
  readonly heapMb?: number;
  readonly volumes?: NonNullable<PodSpec['volumes']>;
}

/** Starts the program in a Pod of its own, and waits until its heap is filled. */
async function start(name: string, { heapMb = 5, volumes = [], ...container }: Box): Promise<void> {
  await world.kube.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      terminationGracePeriodSeconds: 0,
      volumes,
      containers: [
        {
          name: 'app',
          args: [String(heapMb)],
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
          ...container,
        },
      ],
    },
  });
  await until(`${name} ready`, async () => {
    const pod = await world.kube.get<Pod>({ resource: 'pods', namespace: 'default', name });
    return pod?.status?.conditions?.some(
      ({ type, status }) => type === 'Ready' && status === 'True',
    );
  });
}

async function run(pod: string, request: Partial<SessionRequest> = {}) {
  const output = `${world.cluster.directory}/artifacts/${pod}/`;
  const whole = { namespace: 'default', target: `pod/${pod}`, output, ...request };
  const { status } = await runSession(world.kube, whole);
  if (status.error) throw new Error(status.error.message);
  return status;
}

async function interlocks(pod: string, request: Partial<SessionRequest> = {}) {
  const whole = { namespace: 'default', target: `pod/${pod}`, ...request };
  return (await createPlan(world.kube, whole)).status.interlocks;
}

it.skipIf(!hasTools('javac'))('the class that speaks is what its source compiles to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'speaker-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const source = new URL(`attach/${speakerClass}.java`, jvmFolder).pathname;
  const words = ['--release', '8', '-g:none', '-Xlint:-options', '-d', folder, source];
  execFileSync('javac', words);
  expect(readFileSync(join(folder, `${speakerClass}.class`))).toEqual(speakerClassFile);
});

const missing = [
  ...(hasTools('javac') ? [] : ['there is no javac']),
  ...(jdks.size > 0 ? [] : ['there is no JDK in /usr/lib/jvm']),
  ...(level === 'loopback' ? ['containers have no files of their own'] : []),
].join(', ');

describe.skipIf(missing !== '')(`JVMs as they are${missing && ` (${missing})`}`, () => {
  beforeAll(async () => {
    const app = mkdtempSync(join(tmpdir(), 'jvm-matrix-'));
    writeFileSync(join(app, 'App.java'), program);
    execFileSync('javac', ['--release', '8', '-nowarn', '-d', app, join(app, 'App.java')], {
      stdio: 'ignore',
    });
    execFileSync('chmod', ['-R', 'a+rX', app]);
    const { images } = world.cluster;
    for (const [release, home] of jdks) {
      await images.set(`jdk:${release}`, jdkImage(home, app));
      await images.set(`jre:${release}`, jreImage(home, app));
    }
    return () => rmSync(app, { recursive: true });
  });

  it.each(releases)('a JDK %i dumps its heap by its own jcmd', async (release) => {
    const name = `jdk-${release}`;
    await start(name, { image: `jdk:${release}` });
    const status = await run(name);
    expect(status).toMatchObject({
      phase: 'Succeeded',
      diagnostic: { name: 'jvm-heap', tool: 'jcmd', pid: 1, exitCode: 0 },
      artifact: { verified: true, format: 'hprof' },
    });
    expect(status.diagnostic?.pauseMs).toBeGreaterThan(0);
  });

  it.each(releases)('a JRE %i, without tools, is spoken to by java itself', async (release) => {
    const name = `jre-${release}`;
    await start(name, { image: `jre:${release}` });
    expect(await run(name)).toMatchObject({
      phase: 'Succeeded',
      diagnostic: { name: 'jvm-heap', tool: 'attach (java)', exitCode: 0 },
      artifact: { verified: true, format: 'hprof' },
    });
  });

  const uid = { runAsUser: 1000, runAsGroup: 1000 };
  const fixed = { readOnlyRootFilesystem: true };

  it.skipIf(!hasUsers)(
    `a JVM that its start script gave to another user is dumped by root${noUsers}`,
    async () => {
      const command = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'];
      const java = join(jdks.get(oldest) ?? '', 'bin', 'java');
      await start('other-user', {
        image: `jdk:${oldest}`,
        command: [...command, java, '-cp', '/app', 'App'],
      });
      const status = await run('other-user');
      expect(status).toMatchObject({ phase: 'Succeeded', artifact: { verified: true } });
      expect(status.diagnostic?.tool).toBe('jcmd');
    },
  );

  it.skipIf(!hasUsers)(
    `a JVM of an ordinary user in a read-only root dumps into its emptyDir${noUsers}`,
    async () => {
      const volumes = [{ name: 'tmp', emptyDir: {} }];
      await start('fixed', {
        image: `jre:${oldest}`,
        securityContext: { ...uid, ...fixed, capabilities: { drop: ['ALL'] } },
        volumes,
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      });
      expect(await run('fixed')).toMatchObject({
        phase: 'Succeeded',
        artifact: { verified: true },
      });
    },
  );

  it('a JVM that lets nobody attach says so before anything is touched', async () => {
    const env = [{ name: 'JAVA_TOOL_OPTIONS', value: '-XX:+DisableAttachMechanism' }];
    await start('closed', { image: `jdk:${oldest}`, env });
    await expect(run('closed', { diagnostic: 'jvm-heap' })).rejects.toMatchObject({
      code: 'diagnostic-unavailable',
      message: expect.stringContaining('was started with -XX:+DisableAttachMechanism') as string,
    });
  });

  it('a read-only root without a volume has no place for a dump', async () => {
    await start('nowhere', { image: `jre:${oldest}`, securityContext: fixed });
    expect(await interlocks('nowhere')).toEqual([expect.objectContaining({ name: 'disk' })]);
  });

  it('64 MiB of room are too few for a heap of 60 MB, and the histogram is named', async () => {
    await start('narrow', {
      image: `jre:${oldest}`,
      heapMb: 60,
      securityContext: fixed,
      volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    });
    expect(await interlocks('narrow')).toEqual([
      expect.objectContaining({
        name: 'ephemeral-storage',
        hint: expect.stringContaining('--diagnostic=jvm-histogram'),
      }),
    ]);
    expect(await run('narrow', { diagnostic: 'jvm-histogram' })).toMatchObject({
      phase: 'Succeeded',
      artifact: { format: 'text' },
    });
  });

  it('a liveness probe that would fail in the pause refuses the dump', async () => {
    await start('watched', {
      image: `jdk:${oldest}`,
      heapMb: 40,
      resources: { limits: { cpu: '100m' } },
      livenessProbe: {
        httpGet: { port: 8080, path: '/' },
        initialDelaySeconds: 3600,
        failureThreshold: 1,
      },
    });
    expect(await interlocks('watched')).toEqual([
      expect.objectContaining({ name: 'liveness-budget' }),
    ]);
  });

  describe('everything else that a JVM tells', () => {
    const text = async (diagnostic: string, ...extraArgs: readonly string[]) => {
      const { artifact } = await run('talker', { diagnostic, extraArgs });
      return readFileSync(artifact?.path ?? '', 'utf8');
    };

    beforeAll(async () => {
      const java = join(jdks.get(oldest) ?? '', 'bin', 'java');
      const options = ['-XX:NativeMemoryTracking=summary', '-Ddb.password=hunter2'];
      await start('talker', {
        image: `jdk:${oldest}`,
        command: [java, ...options, '-cp', '/app', 'App'],
        // What is meant for the application would keep any other JVM from starting.
        env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xlog:safepoint*=off -Xms48m' }],
      });
    });

    it('threads with their locks', async () => {
      expect(await text('jvm-threads')).toMatch(/^"main" #1 [^]*Locked ownable synchronizers/m);
    });

    it('native memory, where it is tracked', async () => {
      expect(await text('jvm-native-memory', '--scale=MB')).toMatch(/^Total: reserved=\d+MB/m);
    });

    it('what it is, without its secrets', async () => {
      const info = await text('jvm-info');
      expect(info).toMatch(
        /^JDK \d+[^]*jvm_args: .*-Ddb\.password=… [^]*(garbage-first|generation)/m,
      );
      expect(info).not.toContain('hunter2');
      expect(info).not.toContain('java.class.path=');
    });

    it('a recording of a given length, and what a running one has so far', async () => {
      const request = { diagnostic: 'jvm-recording' };
      const timed = await run('talker', { ...request, extraArgs: ['--duration=2s'] });
      expect(timed).toMatchObject({ artifact: { verified: true, format: 'jfr' } });
      const command = ['jcmd', '1', 'JFR.start', 'name=theirs'];
      await run('talker', { command });
      const dumped = await run('talker', request);
      expect(dumped).toMatchObject({ artifact: { verified: true, format: 'jfr' } });
    });

    it('nothing of us stays, and the recording of others runs on', async () => {
      const script = 'ls -A /tmp /proc/1/cwd/; jcmd 1 JFR.check';
      const listed = await run('talker', { command: ['sh', '-c', script] });
      const names = readFileSync(listed.artifact?.path ?? '', 'utf8');
      expect(names).toMatch(/name=theirs .*\(running\)/);
      expect(names).not.toMatch(/attach_pid/);
      // The listing's own directory.
      expect(names.match(/pitstop-[0-9a-f]{8}/g)).toHaveLength(1);
    });
  });
});
