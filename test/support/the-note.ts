import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { checkFile } from '../../src/engine/artifact/check.ts';
import { kubectl } from './kubectl.ts';
import { hasTools } from './tools.ts';
import { until } from './until.ts';

const manifests = new URL('../../examples/my-api/', import.meta.url).pathname;
const withoutSelector = join(manifests, 'by-hand/service-without-selector.yaml');
const hasJvm = hasTools('java', 'jmap');
const ns = 'my-namespace';
const deprecation =
  /^Warning: v1 Endpoints is deprecated in v1\.33\+; use discovery\.k8s\.io\/v1 EndpointSlice\n/gm;

type Type = (command: string, env?: NodeJS.ProcessEnv) => Promise<string>;

/**
 * Types the how-to note's commands, one by one, into an unmodified kubectl; each has to succeed
 * without an unexpected warning. `expectShare` is told what share of the traffic (0 to 1) the "removed"
 * Pod still gets, again and again until it does not throw.
 */
export async function liveThroughTheNote(
  kubeconfig: string,
  binary: string,
  expectShare: (share: number) => void,
): Promise<void> {
  const type: Type = async (command, env = {}) => {
    const result = await kubectl(kubeconfig, command.split(' '), { binary, env });
    const stderr = result.stderr.replaceAll(deprecation, '');
    expect({ command, code: result.code, stderr }).toEqual({
      command,
      code: 0,
      stderr: expect.stringMatching(/^(?:|tar: Removing leading `\/' from member names\n)$/),
    });
    return result.stdout;
  };
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-note-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));

  expect(await type(`create namespace ${ns}`)).toBe(`namespace/${ns} created\n`);
  expect(await type(`apply -n ${ns} -f ${manifests}`)).toBe(
    'deployment.apps/my-api-deploy created\nservice/my-svc created\n',
  );
  await type(`rollout status deployment/my-api-deploy -n ${ns} --timeout=150s`);
  const [head, ...rows] = (await type(`get pod -n ${ns}`)).trim().split('\n');
  expect(head).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE$/);
  const row = expect.stringMatching(/^my-api-deploy-\w+-\w{5} +1\/1 +Running +0 +\w+$/);
  expect(rows).toEqual([row, row]);
  const pod = rows[0]?.split(' ')[0] ?? '';
  // Another controller writes them than the one whose rollout is over.
  await until('both addresses in Endpoints', async () => {
    const shown = await type(`get endpoints -n ${ns} my-svc`);
    expect(shown).toMatch(/^NAME +ENDPOINTS +AGE\nmy-svc +[\d.]+:8080,[\d.]+:8080 +\w+\n$/);
    return true;
  });
  expect(await type(`get ep -n ${ns}`)).toContain('my-svc');

  await type(`apply -n ${ns} -f ${withoutSelector}`);
  await removeFromEndpoints(type, pod, directory);
  // The data plane follows a moment later.
  await until('the traffic to have followed', async () => {
    expectShare(await shareOf(pod, type));
    return true;
  });

  const shell = `${binary} exec -it ${pod} -n ${ns} -- /bin/bash`;
  expect(await terminal(shell, 'hostname; exit\n', kubeconfig)).toContain(pod);
  if (hasJvm) await dumpHeap(type, pod, directory);

  await type(`apply -n ${ns} -f ${join(manifests, 'service.yaml')}`);
  await until('both addresses in Endpoints', async () =>
    /my-svc +[\d.]+:8080,[\d.]+:8080 /.test(await type(`get ep -n ${ns} my-svc`)),
  );
  expect(
    await type(`get endpointslices -n ${ns} -l kubernetes.io/service-name=my-svc -o name`),
  ).toMatch(/^endpointslice\.discovery\.k8s\.io\/my-svc-\w{5}\n$/);

  expect(await type(`logs ${pod} -n ${ns}`)).not.toBe('');
  expect(await type(`scale deployment/my-api-deploy --replicas=1 -n ${ns}`)).toBe(
    'deployment.apps/my-api-deploy scaled\n',
  );
  expect(await type(`delete -n ${ns} -f ${manifests}`)).toContain('deleted');
  await type(`delete namespace ${ns} --timeout=150s`);
}

async function removeFromEndpoints(type: Type, pod: string, directory: string): Promise<void> {
  const ip = await type(`get pod ${pod} -n ${ns} -o jsonpath={.status.podIP}`);
  expect(await type(`describe pod -n ${ns}`)).toContain(
    `IP:               ${ip}\nIPs:\n  IP:           ${ip}\n`,
  );
  const editor = join(directory, 'editor');
  // What a person does in the editor: delete the entry of one address.
  await writeFile(
    editor,
    `#!/bin/sh\nawk -v ip=${ip} '/^  - ip: |^  - ip$/ || /^  (not)?[rR]eady/ {skip=0} /^  - ip:/ {skip=($3==ip)} /^  ports:/ {skip=0} !skip' "$1" > "$1.new" && mv "$1.new" "$1"\n`,
  );
  await chmod(editor, 0o755);
  expect(await type(`edit endpoints -n ${ns} my-svc`, { EDITOR: editor })).toBe(
    'endpoints/my-svc edited\n',
  );
  expect(await type(`get ep -n ${ns} my-svc`)).not.toContain(ip);
}

async function dumpHeap(type: Type, pod: string, directory: string): Promise<void> {
  expect(await type(`exec ${pod} -n ${ns} -- jmap -dump:format=b,file=/tmp/x.hprof 1`)).toContain(
    'Heap dump file created',
  );
  const local = join(directory, 'x.hprof');
  await type(`cp ${ns}/${pod}:/tmp/x.hprof ${local}`);
  expect((await stat(local)).size).toBeGreaterThan(1_000_000);
  await checkFile(local, 'hprof');
}

async function shareOf(pod: string, type: Type): Promise<number> {
  const port = await type(`get svc my-svc -n ${ns} -o jsonpath={.spec.ports[0].nodePort}`);
  const answers = await Promise.all(Array.from({ length: 100 }, () => answeringPod(Number(port))));
  return answers.filter((answer) => answer === pod).length / answers.length;
}

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
      { env: { ...process.env, KUBECONFIG: kubeconfig }, timeout: 60_000 },
      (error, stdout) =>
        error ? reject(new Error(`${command}: ${stdout}`, { cause: error })) : resolve(stdout),
    );
    setTimeout(() => child.stdin?.write(input), 1_500);
  });
}
