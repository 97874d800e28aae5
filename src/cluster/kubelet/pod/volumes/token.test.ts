import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, onTestFinished, test } from 'vitest';
import type { NodeContext } from '../pod-context.ts';
import { PodVolumes } from './pod-volumes.ts';

const pod: Pod = {
  metadata: { name: 'web', namespace: 'shop', uid: '1' },
  spec: {
    serviceAccountName: 'seller',
    volumes: [
      {
        name: 'token',
        projected: {
          sources: [
            { serviceAccountToken: { path: 'it', audience: 'bank', expirationSeconds: 600 } },
          ],
        },
      },
    ],
    containers: [{ name: 'box', volumeMounts: [{ name: 'token', mountPath: '/token' }] }],
  },
};

/** Tokens that live as long as the test says; each is told from the one before by its number. */
async function mounted(lifeMs: number) {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-token-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const asked: object[] = [];
  const issueToken: NodeContext['issueToken'] = (request) => {
    asked.push(request);
    const expiresAt = new Date(Date.now() + lifeMs).toISOString();
    return { token: `token ${asked.length}`, expiresAt };
  };
  const node = { issueToken, runtime: { level: 'plain' }, allocatable: () => ({}) };
  const volumes = new PodVolumes({
    node: node as unknown as NodeContext,
    directory,
    pod: () => pod,
    sayLimit: () => {},
  });
  await volumes.setUp();
  const read = () => readFile(join(directory, 'volumes/token/it'), 'utf8');
  return { volumes, asked, read };
}

test('a token is asked for as the Pod says, and kept while it is young', async () => {
  const { volumes, asked, read } = await mounted(3_600_000);
  volumes.refresh();
  expect(await read()).toBe('token 1');
  expect(asked).toEqual([
    {
      namespace: 'shop',
      serviceAccount: 'seller',
      pod: { name: 'web', uid: '1' },
      audience: 'bank',
      seconds: 600,
    },
  ]);
});

test('a token is written anew when four fifths of its time have passed', async () => {
  const lifeMs = 500;
  const begun = Date.now();
  const { volumes, read } = await mounted(lifeMs);
  const renewed = async () => {
    volumes.refresh();
    return (await read()) !== 'token 1';
  };
  await expect.poll(renewed, { timeout: 30_000 }).toBe(true);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(lifeMs * 0.8);
});
