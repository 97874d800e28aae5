import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProxyFollows } from '../../src/cluster/index.ts';
import { checkFile } from '../../src/engine/artifact/check.ts';
import { useCluster } from '../support/cluster.ts';
import { findKubectls, kubectl, type KubectlResult } from '../support/kubectl.ts';
import { hasTools } from '../support/tools.ts';
import { until } from '../support/until.ts';

const manifests = new URL('../../examples/my-api/', import.meta.url).pathname;
const binary = findKubectls().get('PATH');
const hasJvm = hasTools('java', 'jmap');
const namespace = 'my-namespace';
const deprecation =
  /^Warning: v1 Endpoints is deprecated in v1\.33\+; use discovery\.k8s\.io\/v1 EndpointSlice\n/gm;

/** The note's commands, one by one, with unmodified kubectl; then where the traffic goes. */
function liveThroughTheNote(
  proxyFollows: ProxyFollows,
  share: { readonly atLeast: number; readonly atMost: number },
): void {
  const world = useCluster({ proxyFollows });

  async function run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
    const result: KubectlResult = await kubectl(world.cluster.kubeconfigPath, args, {
      ...(binary && { binary }),
      ...(env && { env }),
    });
    expect({ args, code: result.code, stderr: result.stderr.replaceAll(deprecation, '') }).toEqual({
      args,
      code: 0,
      stderr: expect.stringMatching(/^(?:|tar: Removing leading `\/' from member names\n)$/),
    });
    return result.stdout;
  }

  async function dumpHeap(pod: string, directory: string): Promise<void> {
    const dump = ['jmap', '-dump:format=b,file=/tmp/x.hprof', '1'];
    expect(await run(['exec', pod, '-n', namespace, '--', ...dump])).toContain(
      'Heap dump file created',
    );
    const local = join(directory, 'x.hprof');
    await run(['cp', `${namespace}/${pod}:/tmp/x.hprof`, local]);
    expect((await stat(local)).size).toBeGreaterThan(1_000_000);
    await checkFile(local, 'hprof');
  }

  it(
    'goes through every step without an error or an unexpected warning',
    { timeout: 120_000 },
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'pitstop-note-'));
      onTestFinished(() => rm(directory, { recursive: true, force: true }));

      expect(await run(['create', 'namespace', namespace])).toBe(
        `namespace/${namespace} created\n`,
      );
      expect(await run(['apply', '-n', namespace, '-f', manifests])).toBe(
        'deployment.apps/my-api-deploy created\nservice/my-svc created\n',
      );
      await run([
        'rollout',
        'status',
        'deployment/my-api-deploy',
        '-n',
        namespace,
        '--timeout=60s',
      ]);
      const rows = (await run(['get', 'pod', '-n', namespace])).trim().split('\n');
      expect(rows[0]).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE$/);
      expect(rows.slice(1)).toEqual([
        expect.stringMatching(/^my-api-deploy-\w+-\w{5} +1\/1 +Running +0 +\d+s$/),
        expect.stringMatching(/^my-api-deploy-\w+-\w{5} +1\/1 +Running +0 +\d+s$/),
      ]);
      const pod = rows[1]?.split(' ')[0] ?? '';

      const endpoints = await run(['get', 'endpoints', '-n', namespace, 'my-svc']);
      expect(endpoints).toMatch(/^NAME +ENDPOINTS +AGE\nmy-svc +[\d.]+:8080,[\d.]+:8080 +\d+s\n$/);
      expect(await run(['get', 'ep', '-n', namespace])).toContain('my-svc');

      await run([
        'apply',
        '-n',
        namespace,
        '-f',
        join(manifests, 'by-hand/service-without-selector.yaml'),
      ]);
      const described = await run(['describe', 'pod', '-n', namespace]);
      const ip = await run(['get', 'pod', pod, '-n', namespace, '-o', 'jsonpath={.status.podIP}']);
      expect(described).toContain(`IP:               ${ip}\nIPs:\n  IP:           ${ip}\n`);

      const editor = join(directory, 'editor');
      // What a person does in the editor: delete the entry of one address.
      await writeFile(
        editor,
        `#!/bin/sh\nawk -v ip=${ip} '/^  - ip: |^  - ip$/ || /^  (not)?[rR]eady/ {skip=0} /^  - ip:/ {skip=($3==ip)} /^  ports:/ {skip=0} !skip' "$1" > "$1.new" && mv "$1.new" "$1"\n`,
      );
      await chmod(editor, 0o755);
      expect(await run(['edit', 'endpoints', '-n', namespace, 'my-svc'], { EDITOR: editor })).toBe(
        'endpoints/my-svc edited\n',
      );
      expect(await run(['get', 'ep', '-n', namespace, 'my-svc'])).not.toContain(ip);

      const port = await run([
        'get',
        'svc',
        'my-svc',
        '-n',
        namespace,
        '-o',
        'jsonpath={.spec.ports[0].nodePort}',
      ]);
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => answeringPod(Number(port))),
      );
      const part = answers.filter((answer) => answer === pod).length / answers.length;
      expect(part).toBeGreaterThanOrEqual(share.atLeast);
      expect(part).toBeLessThanOrEqual(share.atMost);

      const shell = await terminal(
        `${binary} exec -it ${pod} -n ${namespace} -- /bin/bash`,
        'hostname; exit\n',
        world.cluster.kubeconfigPath,
      );
      expect(shell).toContain(pod);

      if (hasJvm) await dumpHeap(pod, directory);

      await run(['apply', '-n', namespace, '-f', join(manifests, 'service.yaml')]);
      await until('both addresses in Endpoints', async () =>
        /my-svc +[\d.]+:8080,[\d.]+:8080 /.test(
          await run(['get', 'ep', '-n', namespace, 'my-svc']),
        ),
      );
      expect(
        await run([
          'get',
          'endpointslices',
          '-n',
          namespace,
          '-l',
          'kubernetes.io/service-name=my-svc',
          '-o',
          'name',
        ]),
      ).toMatch(/^endpointslice\.discovery\.k8s\.io\/my-svc-\w{5}\n$/);

      expect(await run(['logs', pod, '-n', namespace])).not.toBe('');
      expect(
        await run(['scale', 'deployment/my-api-deploy', '--replicas=1', '-n', namespace]),
      ).toBe('deployment.apps/my-api-deploy scaled\n');
      expect(await run(['delete', '-n', namespace, '-f', manifests])).toContain('deleted');
      await run(['delete', 'namespace', namespace, '--timeout=50s']);
    },
  );
}

describe.skipIf(!binary)("the note, on today's data plane", () => {
  liveThroughTheNote('endpointslices', { atLeast: 0.25, atMost: 0.75 });
});

describe.skipIf(!binary)('the note, on the data plane it was written for', () => {
  liveThroughTheNote('endpoints', { atLeast: 0, atMost: 0 });
});

function answeringPod(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent: false }, (response) => {
      response.resume();
      resolve(response.headers['x-pod'] as string | undefined);
    }).on('error', reject);
  });
}

/** Types into a command that has a terminal; resolves with what the terminal showed. */
function terminal(command: string, input: string, kubeconfig: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'script',
      ['-qec', command, '/dev/null'],
      { env: { ...process.env, KUBECONFIG: kubeconfig }, timeout: 20_000 },
      (error, stdout) =>
        error ? reject(new Error(`${command}: ${stdout}`, { cause: error })) : resolve(stdout),
    );
    setTimeout(() => child.stdin?.write(input), 1_500);
  });
}
