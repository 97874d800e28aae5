import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Image } from '../../src/cluster/kubelet/images.ts';
import { chooseIsolation } from '../../src/cluster/launch/isolation.ts';
import { runSession } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';
import { workbox } from '../support/workbox.ts';

// Runtimes that CI's machine has not. PITSTOP_ROOTS names folders, each a whole Debian as `dpkg-deb -x`
// lays it out (a shell, the usual tools, and any openjdk-N-jdk-headless); PITSTOP_DOTNET the folder of a
// self-contained .NET program that runs until its input ends, and PITSTOP_DOTNET_ARGS its arguments.
const roots = (process.env['PITSTOP_ROOTS'] ?? '').split(':').filter(Boolean);
const dotnet = process.env['PITSTOP_DOTNET'];
const dotnetArgs = (process.env['PITSTOP_DOTNET_ARGS'] ?? '').split(' ').filter(Boolean);
const { level } = await chooseIsolation('auto');
const world = useCluster();

const jdks = roots.flatMap((root) => {
  const folder = join(root, 'usr/lib/jvm');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.flatMap((name) => {
    const [, release] = /^java-(\d+)-openjdk-/.exec(name) ?? [];
    return release === undefined
      ? []
      : [{ root, release: Number(release), home: `/usr/lib/jvm/${name}` }];
  });
});

const app = `
public class App {
  static final java.util.List<byte[]> orders = new java.util.ArrayList<>();
  public static void main(String[] args) throws Exception {
    for (int i = 0; i < 5000; i++) orders.add(new byte[1000]);
    java.net.ServerSocket ready = new java.net.ServerSocket(8080);
    while (true) ready.accept().close();
  }
}`;

/** A container whose files are those of another Debian. */
function imageOf(root: string, image: Image): Image {
  const folders = ['bin', 'lib', 'lib64', 'sbin', 'usr'];
  const configured = readdirSync(join(root, 'etc')).filter((name) => name.startsWith('java-'));
  const files = [...folders, ...configured.map((name) => `etc/${name}`)].map((name) => ({
    source: join(root, name),
    target: `/${name}`,
    readOnly: true,
  }));
  return { ...image, files: [...files, ...(image.files ?? [])], bare: true };
}

/** As a hardened Deployment runs it: a user of its own, nothing to write to but an emptyDir. */
async function start(name: string, container: Partial<Container>): Promise<void> {
  await world.kube.create<Pod>('pods', {
    metadata: { name, namespace: 'default' },
    spec: {
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: 'tmp', emptyDir: {} }],
      containers: [
        {
          name: 'app',
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
          securityContext: {
            runAsUser: 1000,
            runAsGroup: 1000,
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
          ...container,
        },
      ],
    },
  });
}

async function run(pod: string, diagnostic: string, ...extraArgs: readonly string[]) {
  const output = `${world.cluster.directory}/artifacts/${pod}/`;
  const request = { namespace: 'default', target: `pod/${pod}`, output, diagnostic, extraArgs };
  const { status } = await runSession(world.kube, request);
  if (status.error) throw new Error(status.error.message);
  expect(status).toMatchObject({ phase: 'Succeeded', artifact: { verified: true } });
  return status;
}

const unable = level === 'loopback' ? 'containers have no files of their own' : '';
const noJdk = unable || (jdks.length === 0 && 'PITSTOP_ROOTS names no Debian with a JDK');
const noDotnet = unable || ((!dotnet || !roots[0]) && 'PITSTOP_DOTNET or PITSTOP_ROOTS is not set');

describe.skipIf(noJdk)(`JVMs of other releases${noJdk ? ` (${noJdk})` : ''}`, () => {
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'runtimes-'));
    writeFileSync(join(folder, 'App.java'), app);
    const words = ['--release', '8', '-nowarn', '-d', folder, join(folder, 'App.java')];
    execFileSync('javac', words, { stdio: 'ignore' });
    execFileSync('chmod', ['-R', 'a+rX', folder]);
    for (const { root, release, home } of jdks) {
      const image = imageOf(root, {
        command: [`${home}/bin/java`, '-XX:NativeMemoryTracking=summary', '-cp', '/app', 'App'],
        env: { PATH: `${home}/bin:/usr/bin:/bin` },
        files: [{ source: folder, target: '/app', readOnly: true }],
      });
      await world.cluster.images.set(`jdk:${release}`, image);
    }
    return () => rmSync(folder, { recursive: true });
  });

  test.for(jdks)('JDK $release', async ({ release }) => {
    const name = `jdk-${release}`;
    const readinessProbe = { tcpSocket: { port: 8080 }, periodSeconds: 1 };
    await start(name, { image: `jdk:${release}`, readinessProbe });
    await until(`${name} is ready`, async () => {
      const pod = await world.kube.get<Pod>({ resource: 'pods', namespace: 'default', name });
      return pod?.status?.containerStatuses?.[0]?.ready;
    });
    const text = async (...words: Parameters<typeof run>) =>
      readFileSync((await run(...words)).artifact?.path ?? '', 'utf8');
    expect((await run(name, 'jvm-heap')).artifact?.summary.join()).toContain(' objects of ');
    expect(await text(name, 'jvm-histogram')).toMatch(/\[B/);
    expect(await text(name, 'jvm-threads')).toMatch(/^"main" /m);
    expect(await text(name, 'jvm-native-memory', '--scale=MB')).toMatch(/^Total: reserved=\d+MB/m);
    expect(await text(name, 'jvm-info')).toMatch(/^JDK \d+/m);
    const recording = await run(name, 'jvm-recording', '--duration=1s');
    expect(recording.artifact).toMatchObject({ format: 'jfr' });
    const extended = run(name, 'jvm-threads', '--extended');
    const said = await extended.then(({ phase }) => phase, String);
    expect(said).toMatch(release < 11 ? 'came with 11' : 'Succeeded');
  });
});

describe.skipIf(noDotnet)(`.NET${noDotnet ? ` (${noDotnet})` : ''}`, () => {
  const runtimeconfig = /^(.*)\.runtimeconfig\.json$/;
  const program = (dotnet ? readdirSync(dotnet) : []).flatMap(
    (name) => runtimeconfig.exec(name)?.[1] ?? [],
  )[0];
  const command = [`/srv/${program}`, ...dotnetArgs];
  const env = { DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', HOME: '/tmp' };

  test.for(['with a shell', 'without one, through an ephemeral container'])('%s', async (how) => {
    const isBare = how.startsWith('without');
    const files = [{ source: dotnet ?? '', target: '/srv', readOnly: true }];
    const whole = imageOf(roots[0] ?? '', { command, env, files });
    const libraries = whole.files?.filter(({ target }) => !/^\/(usr|s?bin)$/.test(target)) ?? [];
    const usrLib = { source: `${roots[0]}/usr/lib`, target: '/usr/lib', readOnly: true };
    const image = isBare ? { ...whole, files: [...libraries, usrLib] } : whole;
    const name = isBare ? 'dotnet-bare' : 'dotnet';
    await world.cluster.images.set(`${name}:1`, image);
    await world.cluster.images.set('alpine/socat:1.8.0.3', workbox());
    await start(name, { image: `${name}:1`, stdin: true });
    const status = await until('the runtime answers', async () =>
      run(name, 'dotnet-dump', '--type=mini').catch(() => undefined),
    );
    expect(status.artifact).toMatchObject({ format: 'core' });
    const heap = await run(name, 'dotnet-dump');
    expect(heap.artifact?.summary.join()).toMatch(/segments of memory/);
    expect(heap.artifact?.sizeBytes).toBeGreaterThan(2 * (status.artifact?.sizeBytes ?? 0));
  });
});
