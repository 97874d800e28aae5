import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, onTestFinished, test } from 'vitest';
import { startExecServer } from '../../../test/support/exec-server.ts';
import { connect } from '../../kube/index.ts';
import { findLeftovers } from '../container/leftovers.ts';
import { lookInside } from './look-inside.ts';

const { signal } = new AbortController();

/** Containers that have these programs; the emptyDir of each is a directory of the test's own. */
async function containers(only?: readonly string[]) {
  const server = await startExecServer(only ? { only } : {});
  const kube = await connect({ kubeconfig: server.kubeconfig });
  const scratch = mkdtempSync(join(tmpdir(), 'look-inside-'));
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true });
  });
  const podNamed = (name: string, helpers: readonly string[] = [], ready = 'True'): Pod => ({
    metadata: { name, namespace: 'shop', uid: name },
    spec: {
      containers: [
        { name: 'app', image: 'app', volumeMounts: [{ name: 'scratch', mountPath: scratch }] },
      ],
      volumes: [{ name: 'scratch', emptyDir: {} }],
      ephemeralContainers: helpers.map((helper) => ({ name: helper, targetContainerName: 'app' })),
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
  });
  const pod = podNamed('web-1');
  server.pod = pod;
  return { kube, scratch, pod, podNamed };
}

test('a container without a shell is told where a session has worked on it, and nowhere else', async () => {
  const { kube, podNamed } = await containers([]);
  const pods = [
    podNamed('worked-on', ['pitstop-0a1b2c3d', 'debugger-x2vqk', 'pitstop-4e5f6a7b']),
    podNamed('by-a-person', ['debugger-x2vqk']),
    podNamed('never'),
    podNamed('unready', ['pitstop-0a1b2c3d'], 'False'),
  ];
  expect(await lookInside(kube, pods, signal)).toEqual({
    files: [],
    shut: [{ namespace: 'shop', pod: 'worked-on', container: 'app', helper: 'pitstop-4e5f6a7b' }],
  });
});

test('what a session left half written is found, and goes with its directory', async () => {
  const { kube, pod, scratch } = await containers();
  const left = join(scratch, 'pitstop-0a1b2c3d');
  mkdirSync(left);
  // Killed between the two steps of each: nobody knows any more which process that was.
  for (const name of ['pid.new', 'exit.new', 'threads.txt.new'])
    writeFileSync(join(left, name), '1 1\n');
  const place = { namespace: 'shop', pod: 'web-1', container: 'app' };
  const { files, shut } = await lookInside(kube, [pod], signal);
  expect(shut).toEqual([]);
  expect(files.filter(({ path }) => path.startsWith(scratch))).toEqual([
    { ...place, path: left, sizeBytes: expect.any(Number) as number, isRunning: false },
  ]);
  await findLeftovers({ kube, ...place }, { id: '0a1b2c3d', remove: true, signal });
  expect(existsSync(left)).toBe(false);
  expect(existsSync(scratch)).toBe(true);
});
