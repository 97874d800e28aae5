import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseIsolation } from '../../src/cluster/launch/isolation.ts';
import { hasNamespaces } from '../../src/cluster/network/index.ts';
import { openWay, type Way } from '../../src/engine/container/open-way.ts';
import { runScript } from '../../src/engine/container/shell.ts';
import { reach } from '../../src/engine/container/target.ts';
import { collectFile, createPlan, restorePods, runSession } from '../../src/engine/index.ts';
import { connect } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { findKubectls, kubectl } from '../support/kubectl.ts';
import { deployMyApi } from '../support/my-api.ts';
import { startPitstop } from '../support/pitstop.ts';
import { usersWithRole } from '../support/role.ts';
import { hasTools } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { workbox } from '../support/workbox.ts';

// Without namespaces all containers see the machine's own shell.
const { level } = await chooseIsolation('auto');
const hasJdk = hasTools('java', 'javac', 'jlink');
const world = useCluster();
const user = level === 'namespaces' ? { runAsUser: 1234, runAsGroup: 1234 } : {};

interface App {
  readonly namespace: string;
  readonly pod: string;
}

async function deploy(namespace: string, image: string, change: Partial<Container>): Promise<App> {
  const { pods } = await deployMyApi(world.kube, {
    namespace,
    runtime: 'node',
    heapMb: 10,
    change: ({ deployment }) => {
      const [container] = deployment.spec?.template.spec?.containers ?? [];
      if (container) Object.assign(container, { image, securityContext: user, ...change });
    },
  });
  return { namespace, pod: pods[0]?.metadata?.name ?? '' };
}

async function podOf({ namespace, pod: name }: App): Promise<Pod> {
  const pod = await world.kube.get<Pod>({ resource: 'pods', namespace, name });
  if (!pod) throw new Error(`${name} is gone`);
  return pod;
}

async function enforce({ namespace }: App, level: string): Promise<void> {
  await world.kube.patch(
    { resource: 'namespaces', name: namespace },
    { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } },
    { type: 'merge' },
  );
}

/** What has become of the ephemeral containers: each by its image, uid and whether it still runs. */
function helpers({ spec, status }: Pod) {
  return (spec?.ephemeralContainers ?? []).map(({ name, image, securityContext }) => ({
    image,
    uid: securityContext?.runAsUser,
    runs:
      status?.ephemeralContainerStatuses?.find((each) => each.name === name)?.state?.running !==
      undefined,
  }));
}

beforeAll(async () => {
  for (const name of ['alpine/socat:1.8.0.3', 'busybox:1.37']) {
    await world.cluster.images.set(name, workbox());
  }
});

/** The Pod as servers before 1.33 show it, of an image that says itself whom it runs as. */
function untold(pod: Pod): Pod {
  const strip = <T extends object>(each: T): T => ({
    ...each,
    user: undefined,
    securityContext: {},
  });
  return {
    ...pod,
    spec: { ...pod.spec, containers: (pod.spec?.containers ?? []).map(strip) },
    status: { ...pod.status, containerStatuses: (pod.status?.containerStatuses ?? []).map(strip) },
  };
}

const home = () => `${world.cluster.directory}/artifacts/`;
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

interface BuiltJvm {
  readonly jre: string;
  readonly classes: string;
}

/** A runtime without tools, and what it runs; made while Node is looked at. */
let jvm: Promise<BuiltJvm>;
beforeAll(() => {
  jvm = hasJdk ? buildJvm(world.cluster.directory) : Promise.resolve({ jre: '', classes: '' });
  // Whoever needs it hears of its failure; nobody may.
  jvm.catch(() => undefined);
});

async function buildJvm(directory: string): Promise<BuiltJvm> {
  const [jre, classes] = [join(directory, 'jre'), join(directory, 'classes')];
  const source = join(import.meta.dirname, '../../examples/my-api/app/MyApi.java');
  const run = promisify(execFile);
  await run('jlink', ['--add-modules', 'java.base,jdk.httpserver', '--output', jre]);
  await run('javac', ['-d', classes, source]);
  return { jre, classes };
}

describe.skipIf(!hasNamespaces(level))('a Pod whose image has no shell and no tools', () => {
  describe('Node', () => {
    let app: App;
    beforeAll(async () => {
      app = await deploy('distroless', 'my-api:1-distroless', {});
    });

    it('is planned with the ephemeral container that it takes', async () => {
      const plan = await createPlan(world.kube, { ...app, target: app.pod });
      expect(plan.status.warnings.join('\n')).toMatch(
        /has no shell .* an ephemeral container of image alpine\/socat\S+ will be added/,
      );
      expect(helpers(await podOf(app))).toEqual([]);
    });

    it('says what it would take where none may be added', async () => {
      const request = { ...app, target: app.pod, debugImage: 'none', output: home(), settleMs: 50 };
      await expect(runSession(world.kube, request)).rejects.toMatchObject({
        code: 'diagnostic-unavailable',
        message: expect.stringContaining('has no shell') as string,
        hint: expect.stringContaining('--debug-image') as string,
      });
      expect(helpers(await podOf(app))).toEqual([]);
    });

    it('gives a heap snapshot through an ephemeral container, which ends with the session', async () => {
      const request = { ...app, target: app.pod, output: home(), settleMs: 50 };
      const { status } = await runSession(world.kube, request);
      expect(status.error).toBeUndefined();
      expect(status).toMatchObject({
        phase: 'Succeeded',
        podOut: false,
        diagnostic: { name: 'node-heap' },
        artifact: { verified: true, format: 'heapsnapshot', remoteRemoved: true },
      });
      expect(sha256(status.artifact?.path ?? '')).toBe(status.artifact?.sha256);
      // The kubelet tells of its end a moment later.
      await expect
        .poll(async () => helpers(await podOf(app)))
        .toEqual([{ image: 'alpine/socat:1.8.0.3', uid: user.runAsUser ?? 0, runs: false }]);
    });

    it('says who refuses an ephemeral container, and why one does not start', async () => {
      const { kube, cluster } = world;
      const request = { ...app, target: app.pod, output: home(), settleMs: 50 };
      // What a session needs where the container has a shell.
      const { jo } = await usersWithRole(cluster, 'release', ['jo']);
      await using joes = await connect({ kubeconfig: jo });
      await expect(runSession(joes, request)).rejects.toMatchObject({
        code: 'debug-container',
        message: expect.stringContaining(
          'cannot patch resource "pods/ephemeralcontainers"',
        ) as string,
        hint: expect.stringContaining(
          'kubectl auth can-i patch pods/ephemeralcontainers',
        ) as string,
      });
      const { status } = await createPlan(joes, request);
      expect(status.interlocks).toMatchObject([
        { name: 'rbac', message: expect.stringContaining('pods/ephemeralcontainers') as string },
      ]);

      await enforce(app, 'restricted');
      await expect(runSession(kube, request)).rejects.toMatchObject({
        code: 'debug-container',
        message: expect.stringMatching(/is refused by Pod Security, level restricted/) as string,
      });
      await enforce(app, 'privileged');

      await cluster.images.set('broken:1', { command: [], files: [], bare: true });
      await expect(runSession(kube, { ...request, debugImage: 'broken:1' })).rejects.toMatchObject({
        code: 'debug-container',
        message: expect.stringMatching(
          /image broken:1 does not run: .*exec: "sh": executable file not found/,
        ) as string,
      });
      expect(helpers(await podOf(app))).toContainEqual(
        expect.objectContaining({ image: 'broken:1', runs: false }),
      );
    });

    it('gives any file', async () => {
      const path = '/app/my-api.mjs';
      const { status } = await collectFile(world.kube, {
        ...app,
        target: app.pod,
        path,
        output: home(),
      });
      expect(status).toMatchObject({ phase: 'Succeeded', artifact: { verified: true } });
      const source = join(import.meta.dirname, '../../examples/my-api/app/my-api.mjs');
      expect(sha256(status.artifact?.path ?? '')).toBe(sha256(source));
    });

    it('is rid of what a killed session has left, once it is restored', async () => {
      const { kube } = world;
      let said = '';
      const command = ['sh', '-c', 'echo begun >@DIR/evidence; sleep 600'];
      const killed = startPitstop(
        [
          ...`run ${app.pod} -n ${app.namespace} -O - --settle=50ms --progress=plain --`.split(' '),
          ...command,
        ],
        { kubeconfig: world.kubeconfigPath, onStderr: (chunk) => (said += chunk) },
      );
      await until('the command runs', () => Promise.resolve(/sh runs/.test(said)));
      killed.child.kill('SIGKILL');
      await killed.done;

      // Another command finds the helper there, and leaves it to whoever else uses it.
      const path = '/app/my-api.mjs';
      const fetched = await collectFile(kube, { ...app, target: app.pod, path, output: home() });
      expect(fetched.status).toMatchObject({ phase: 'Succeeded' });
      expect(helpers(await podOf(app)).filter(({ runs }) => runs)).toHaveLength(1);

      const [restored] = await restorePods(kube, { namespace: app.namespace, pod: app.pod });
      expect(restored?.status).toMatchObject({ phase: 'Succeeded', podOut: false });
      expect(restored?.status.warnings.join('\n')).toMatch(/left \/\S+\/pitstop-[0-9a-f]{8} /);
      await until('the helper has ended', async () =>
        helpers(await podOf(app)).every(({ runs }) => !runs),
      );
    });

    it('finds out whom it runs as where only its image knows, and is root only to trace', async ({
      skip,
    }) => {
      if (level !== 'namespaces') skip('at this level everything runs as one user');
      const { kube } = world;
      const pod = await podOf(app);
      const target = { kube, namespace: app.namespace, pod: app.pod, container: 'my-api' };
      const options = { image: undefined, signal: AbortSignal.timeout(120_000) };
      const read = async (way: Way) =>
        await runScript(way.target, 'cat "$1"', [reach(way.target, '/etc/passwd')], options);
      {
        await using way = await openWay(target, untold(pod), options);
        expect(way.user).toEqual({ uid: 1234, gid: 1234 });
        expect((await read(way)).stdout).toContain('nonroot');
      }
      expect(helpers(await podOf(app)).map(({ uid }) => uid)).toContain(65_534);
      await using tracing = await openWay(target, pod, { ...options, traces: true });
      expect(tracing.user).toMatchObject({ uid: 0, capabilities: { add: ['SYS_PTRACE'] } });
      expect((await read(tracing)).stdout).toContain('nonroot');
    });

    it('shows its files to kubectl debug --target', async ({ skip }) => {
      if (findKubectls().size === 0) skip('there is no kubectl here');
      const run = async (...args: string[]) => {
        const result = await kubectl(world.kubeconfigPath, ['-n', app.namespace, ...args]);
        expect(result).toMatchObject({ code: 0 });
        return result.stdout;
      };
      const target = [`--target=my-api`, '--image=busybox:1.37', '-c', 'eyes', '--profile=general'];
      await run('debug', app.pod, ...target, '--', 'sleep', '600');
      await until('the ephemeral container runs', async () =>
        helpers(await podOf(app)).some(({ runs }) => runs),
      );
      const seen = await run('exec', app.pod, '-c', 'eyes', '--', 'ls', '/proc/1/root/app');
      expect(seen).toContain('my-api.mjs');
    });
  });

  it('a JVM without tools gives its heap', async ({ skip }) => {
    if (!hasJdk) skip('there is no jlink here');
    const { jre, classes } = await jvm;
    await world.cluster.images.set('bare-jvm:1', {
      command: ['/jre/bin/java', '-Xmx128m', '-XX:+UseSerialGC', '-cp', '/app', 'MyApi'],
      files: [
        { source: jre, target: '/jre', readOnly: true },
        { source: classes, target: '/app', readOnly: true },
      ],
      bare: true,
    });
    const app = await deploy('distroless-jvm', 'bare-jvm:1', {
      securityContext: {
        ...user,
        runAsNonRoot: user.runAsUser !== undefined,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
    // Root cannot be at this level, and level user has nobody else.
    if (user.runAsUser !== undefined) await enforce(app, 'restricted');
    const { status } = await runSession(world.kube, {
      ...app,
      target: app.pod,
      output: home(),
      settleMs: 50,
    });
    expect(status.error).toBeUndefined();
    expect(status).toMatchObject({
      phase: 'Succeeded',
      diagnostic: { name: 'jvm-heap' },
      artifact: { verified: true, format: 'hprof', remoteRemoved: true },
    });
    expect(sha256(status.artifact?.path ?? '')).toBe(status.artifact?.sha256);
    await expect.poll(async () => helpers(await podOf(app))).toMatchObject([{ runs: false }]);
  });
});
