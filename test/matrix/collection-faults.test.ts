import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { startBox, type Box } from '../support/collection/box.ts';
import { bring, judge, makeHome, Tally } from '../support/collection/bring.ts';
import { cutStreams } from '../support/collection/cut-streams.ts';
import { killClients } from '../support/collection/kill-clients.ts';
import { createRandom } from '../support/collection/random.ts';
import { runUnderFaults } from '../support/collection/run-under-faults.ts';
import { FaultProxy } from '../support/fault-proxy.ts';

const world = useCluster();
const random = createRandom();
const mebibyte = 1024 * 1024;
let box: Box;

beforeAll(async () => {
  box = await startBox(world.kube, 'box');
});
afterAll(() => {
  process.stdout.write(`collection faults: PITSTOP_SEED=${random.seed} repeats this run\n`);
});

function say(what: string, tally: Tally): void {
  process.stdout.write(`${what}: ${tally.toString()}\n`);
}

const long = { timeout: 1_800_000 };

it(
  'a stream cut at 200 random bytes, with status Success or without any, or stalled 5 s',
  long,
  async () => {
    const { kube, cluster } = world;
    const { tally, struck } = await cutStreams(
      { kube, cluster, random },
      { count: 200, lanes: 4, stalls: 12, stallMs: 5_000, largestMebibytes: 36 },
    );
    say('cut streams', tally);
    expect(tally.problems).toEqual([]);
    expect(struck).toBe(200);
  },
);

it('a bit that arrives as another at 40 random bytes', async () => {
  const tally = new Tally();
  const file = await box.fill('/data/flip', 3 * mebibyte);
  let flipped = 0;
  for (let nth = 0; nth < 40; nth += 1) {
    const atByte = 300 + random.below(file.sizeBytes - 300);
    await tally.run(`a bit at ${atByte}`, async () => {
      await using home = await makeHome();
      await using proxy = await FaultProxy.start(world.cluster.kubeconfigPath, ({ method }) =>
        method === 'EXEC' ? { kind: 'flip', atByte, onDone: () => (flipped += 1) } : undefined,
      );
      const { kubeconfigPath } = world.cluster;
      // Once is damage; what is damaged each time cannot come home over this way, and must not seem to.
      const always = nth % 4 === 0;
      let isDone = false;
      await using once = await FaultProxy.start(kubeconfigPath, ({ method }) => {
        if (method !== 'EXEC' || isDone) return undefined;
        return { kind: 'flip', atByte, onDone: () => ((flipped += 1), (isDone = true)) };
      });
      const server = always ? proxy.url : once.url;
      await using kube = await connect({ kubeconfig: kubeconfigPath, server });
      const compress = random.pick(['none', 'gzip', 'zstd'] as const);
      const outcome = await judge(await bring(kube, { box, file, home }, { compress }), file, home);
      return `${outcome}${always ? ' (damaged each time)' : ''}`;
    });
  }
  say('flipped bits', tally);
  expect(tally.problems).toEqual([]);
  expect(flipped).toBeGreaterThan(30);
});

it('a client that is killed at 12 random moments, and another that goes on', async () => {
  const tally = await killClients(
    { kube: world.kube, kubeconfigPath: world.cluster.kubeconfigPath, random },
    { box, count: 12, sizeBytes: 32 * mebibyte },
  );
  say('killed clients', tally);
  expect(tally.problems).toEqual([]);
});

describe('a container that restarts in the middle', () => {
  it.each([
    ['kept', '/data/file', 'whole'],
    ['lost', '/tmp/file', 'failed: collect-failed'],
  ])('with a file that is %s (%s): %s', async (name, path, expected) => {
    const tally = new Tally();
    for (let nth = 0; nth < 4; nth += 1) {
      // A container that dies again and again is started later and later: each case has its own.
      const own = await startBox(world.kube, `restarts-${name}-${nth}`);
      const file = await own.fill(path, 48 * mebibyte);
      const { namespace, pod } = own;
      const atBytes = random.below(file.sizeBytes);
      await tally.run(`restart ${nth} at ${atBytes}`, async () => {
        await using home = await makeHome();
        let killing: Promise<void> | undefined;
        const told = await bring(
          world.kube,
          { box: own, file, home },
          {
            compress: 'none',
            onEvent: (event) => {
              const done = event.type === 'step-progress' ? (event.doneBytes ?? 0) : 0;
              if (done > atBytes) killing ??= world.cluster.faults.kill({ namespace, pod });
            },
          },
        );
        await killing;
        const outcome = await judge(told, file, home);
        // It may have been home already when the container died.
        if (outcome !== expected && outcome !== 'whole') throw new Error(told.error?.message);
        return killing ? outcome : `${outcome} before the restart`;
      });
    }
    say(`restarts (${path})`, tally);
    expect(tally.problems).toEqual([]);
  });
});

const mayMount = (() => {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

it.runIf(mayMount)('a disk that fills up in the middle (needs root, for a tmpfs)', async () => {
  const file = await box.fill('/data/large', 32 * mebibyte);
  await using home = await makeHome();
  const disk = join(home.directory, 'disk');
  await mkdir(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'pitstop-test', disk]);
  await using there = {
    directory: disk,
    [Symbol.asyncDispose]: async () => void execFileSync('umount', [disk]),
  };
  const filler = join(disk, '.filler');
  let filling: Promise<unknown> | undefined;
  const full = await bring(
    world.kube,
    { box, file, home: there },
    {
      compress: 'none',
      onEvent: (event) => {
        const done = event.type === 'step-progress' ? (event.doneBytes ?? 0) : 0;
        if (done > 0) filling ??= writeFile(filler, Buffer.alloc(39 * mebibyte)).catch(() => {});
      },
    },
  );
  await filling;
  expect(await judge(full, file, there)).toMatch(/^failed: (output-unusable|collect-failed)$/);
  expect(full.error?.message).toContain(disk);
  const noRoom = await bring(world.kube, { box, file, home: there });
  expect(await judge(noRoom, file, there)).toBe('failed: output-unusable');
  await rm(filler);
  expect(await judge(await bring(world.kube, { box, file, home: there }), file, there)).toBe(
    'whole',
  );
});

it('whole stops under cut streams and killed clients: the Pod is back', async () => {
  const tally = await runUnderFaults(
    { ...world, kube: world.kube, cluster: world.cluster, random },
    16,
  );
  say('whole stops', tally);
  expect(tally.problems).toEqual([]);
});
