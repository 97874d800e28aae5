import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  mkdirSync,
  existsSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { startExecServer, type StreamFault } from '../../../test/support/exec-server.ts';
import { connect } from '../../kube/index.ts';
import type { RemoteArtifact } from '../diagnostics/index.ts';
import type { Target } from '../container/target.ts';
import { PartLock } from '../collection/part-lock.ts';
import { checkDestination, checkRoomFor, collect } from './collect.ts';

const rangeBytes = 64 * 1024;

async function container(options: Parameters<typeof startExecServer>[0] = {}) {
  const server = await startExecServer(options);
  const kube = await connect({ kubeconfig: server.kubeconfig });
  const folder = mkdtempSync(join(tmpdir(), 'collect-'));
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const target: Target = { kube, namespace: 'shop', pod: 'web', container: 'app' };
  const remoteFolder = join(folder, 'pitstop-1234');
  mkdirSync(remoteFolder);
  const home = join(folder, 'home');
  mkdirSync(home);
  return {
    server,
    target,
    home,
    folder,
    put: (content: Buffer, name = 'dump.bin'): RemoteArtifact => {
      const path = join(remoteFolder, name);
      writeFileSync(path, content);
      return {
        path,
        sizeBytes: content.length,
        format: 'file',
        extension: '.bin',
        removable: true,
      };
    },
    bring: (remote: RemoteArtifact, more: Partial<Parameters<typeof collect>[0]> = {}) =>
      collect({
        target,
        remote,
        destination: `${home}/`,
        rangeBytes,
        signal: new AbortController().signal,
        onProgress: () => {},
        ...more,
      }),
  };
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

test.each([0, 1, rangeBytes - 1, rangeBytes, rangeBytes * 3, rangeBytes * 5 + 17])(
  'brings %i bytes home, verified, private, and removed from the container',
  async (size) => {
    const { put, bring, home, folder } = await container();
    const content = randomBytes(size);
    const remote = put(content);
    const artifact = await bring(remote);
    expect(artifact).toMatchObject({
      path: join(home, 'web-1234.bin'),
      sizeBytes: size,
      sha256: sha256(content),
      verified: true,
      remoteRemoved: true,
    });
    expect(readFileSync(artifact.path).equals(content)).toBe(true);
    expect(statSync(artifact.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(home)).toEqual(['web-1234.bin']);
    expect(existsSync(join(folder, 'pitstop-1234'))).toBe(false);
  },
);

test('works over v4 streams, which cannot end stdin', async () => {
  const { put, bring } = await container({ protocols: ['v4.channel.k8s.io'] });
  const content = randomBytes(rangeBytes * 2 + 5);
  expect(await bring(put(content))).toMatchObject({ sha256: sha256(content) });
});

test('whatever happens to the streams, what arrives is the file', async () => {
  const content = randomBytes(rangeBytes * 6 + 1234);
  const fault = fc.record({
    afterBytes: fc.integer({ min: 0, max: content.length }),
    kind: fc.constantFrom<StreamFault['kind'][]>('cut', 'truncate', 'flip'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 3 }), async (faults) => {
      const { put, bring, server } = await container();
      server.faults.match = 'hash_every';
      server.faults.list = faults;
      const artifact = await bring(put(content));
      expect(readFileSync(artifact.path).equals(content)).toBe(true);
      expect(artifact.verified).toBe(true);
    }),
    { numRuns: 12 },
  );
});

test('gives up on a stream that is cut again and again, keeps the part, and finishes it later', async () => {
  const { put, bring, server, home } = await container();
  const content = randomBytes(rangeBytes * 8);
  const remote = put(content);
  server.faults.match = 'hash_every';
  server.faults.list = [
    { afterBytes: rangeBytes * 5 + 100, kind: 'cut' },
    // More than patience could need: ranges that are found good late count as progress.
    ...Array.from({ length: 64 }, (): StreamFault => ({ afterBytes: 0, kind: 'cut' })),
  ];
  await expect(bring(remote, { compress: 'none' })).rejects.toMatchObject({
    code: 'collect-failed',
    // The marks between its parts were among the bytes after which the stream was cut.
    message: expect.stringMatching(/: 3277\d\d of 524288 bytes came/),
  });
  expect(readdirSync(home).sort()).toEqual(['web-1234.bin.part', 'web-1234.bin.part.json']);
  server.faults.list = [];
  const { wireBytes, ...artifact } = await bring(remote);
  expect(artifact).toMatchObject({ sha256: sha256(content), verified: true });
  // It went on where it was: only what was missing came over the wire.
  expect(wireBytes).toBeLessThan(rangeBytes * 4);
}, 60_000);

test.each(['part-corrupted', 'part-cut', 'part-lost'] as const)(
  'finds out what of an earlier part is still good: %s',
  async (damage) => {
    const { put, bring, server, home } = await container();
    const content = randomBytes(rangeBytes * 8);
    const remote = put(content);
    const ended = new AbortController();
    const interrupted = bring(remote, {
      signal: ended.signal,
      onProgress: ({ doneBytes = 0 }) =>
        doneBytes >= rangeBytes * 4 && ended.abort(new Error('killed')),
    });
    await expect(interrupted).rejects.toThrow('killed');
    const part = join(home, 'web-1234.bin.part');
    if (damage === 'part-lost') rmSync(part);
    else if (damage === 'part-cut')
      writeFileSync(part, readFileSync(part).subarray(0, rangeBytes + 7));
    else {
      const bytes = readFileSync(part);
      bytes[rangeBytes + 3]! ^= 255;
      writeFileSync(part, bytes);
    }
    server.commands.length = 0;
    expect(await bring(remote)).toMatchObject({ sha256: sha256(content), verified: true });
  },
);

test.each([
  ['grew', (content: Buffer) => Buffer.concat([content, Buffer.from('more')]), 1],
  ['changed in place', () => randomBytes(rangeBytes * 8), 1],
  ['changed but kept size and time', () => randomBytes(rangeBytes * 8), 0],
])('starts over when the remote file %s since', async (_, change, later) => {
  const { put, bring } = await container();
  const content = randomBytes(rangeBytes * 8);
  const remote = put(content);
  const times = new Date(1_700_000_000_000);
  utimesSync(remote.path, times, times);
  const ended = new AbortController();
  const first = bring(remote, {
    signal: ended.signal,
    onProgress: ({ doneBytes = 0 }) =>
      doneBytes >= rangeBytes * 4 && ended.abort(new Error('killed')),
  });
  await expect(first).rejects.toThrow('killed');
  const changed = change(content);
  writeFileSync(remote.path, changed);
  const then = new Date(times.getTime() + later * 1000);
  utimesSync(remote.path, then, then);
  expect(await bring(remote)).toMatchObject({ sha256: sha256(changed), sizeBytes: changed.length });
});

test.each([
  ['another of its size', 'replaced'],
  ['written anew', 'rewritten'],
  ['grown', 'appended'],
] as const)(
  'a file that is %s once the first stream is cut comes home in one state',
  async (_, how) => {
    const { put, bring, server, home } = await container();
    const [before, anew] = [randomBytes(rangeBytes * 8), randomBytes(rangeBytes * 8)];
    const remote = { ...put(before), removable: false };
    utimesSync(remote.path, 1_700_000_000, 1_700_000_000);
    server.faults.match = 'hash_every';
    server.faults.list = [
      { afterBytes: rangeBytes * 3 + 100, kind: 'cut' },
      { afterBytes: rangeBytes * 2 + 100, kind: 'cut' },
    ];
    let cuts = 0;
    const artifact = await bring(remote, {
      compress: 'none',
      onProgress: ({ message }) => {
        // Only what the second stream brought has hashes of the first state in every way of proving.
        if (!message.includes('broke') || ++cuts !== 2) return;
        if (how === 'replaced') rmSync(remote.path);
        writeFileSync(remote.path, how === 'appended' ? 'more' : anew, {
          flag: how === 'appended' ? 'a' : 'w',
        });
      },
    });
    const expected = how === 'appended' ? before : anew;
    expect(readFileSync(artifact.path).equals(expected)).toBe(true);
    expect(artifact).toMatchObject({ sha256: sha256(expected), verified: true });
    expect(readdirSync(home)).toEqual(['web-1234.bin']);
  },
);

test.each([
  ['written over', 'r+'],
  ['appended to', 'a'],
])('a file that is %s while one stream reads it comes home in one state', async (_, flag) => {
  const { put, bring } = await container();
  const [before, anew] = [randomBytes(rangeBytes * 64), randomBytes(rangeBytes * 64)];
  const remote = { ...put(before), removable: false };
  utimesSync(remote.path, 1_700_000_000, 1_700_000_000);
  let isWritten = false;
  const artifact = await bring(remote, {
    compress: 'none',
    onProgress: ({ doneBytes = 0 }) => {
      if (isWritten || doneBytes === 0) return;
      isWritten = true;
      writeFileSync(remote.path, flag === 'a' ? 'more' : anew, { flag });
    },
  });
  expect(isWritten).toBe(true);
  const expected = flag === 'a' ? before : anew;
  expect(readFileSync(artifact.path).equals(expected)).toBe(true);
  expect(artifact).toMatchObject({ sha256: sha256(expected), verified: true });
});

test('a file that is gone once the first stream is cut is not waited for', async () => {
  const { put, bring, server } = await container();
  const remote = put(randomBytes(rangeBytes * 8));
  server.faults.match = 'hash_every';
  server.faults.list = [{ afterBytes: rangeBytes, kind: 'cut' }];
  let breaks = 0;
  const onProgress = ({ message }: { readonly message: string }) => {
    if (!message.includes('broke')) return;
    breaks += 1;
    rmSync(remote.path, { force: true });
  };
  await expect(bring(remote, { onProgress })).rejects.toMatchObject({
    code: 'collect-failed',
    message: expect.stringContaining('is not there any more'),
  });
  expect(breaks).toBe(1);
});

test('streams to stdout, over a cut too', async () => {
  const { put, bring, server } = await container();
  const content = randomBytes(rangeBytes * 4 + 9);
  server.faults.match = 'hash_every';
  server.faults.list = [{ afterBytes: rangeBytes + 11, kind: 'cut' }];
  const stdout = new PassThrough();
  const [artifact, received] = await Promise.all([
    bring(put(content), { destination: '-', stdout }).finally(() => stdout.end()),
    buffer(stdout),
  ]);
  expect(received.equals(content)).toBe(true);
  expect(artifact).toMatchObject({ path: '-', sha256: sha256(content), verified: true });
});

test('a wrong byte on the way to stdout is an error', async () => {
  const { put, bring, server } = await container();
  server.faults.match = 'hash_every';
  server.faults.list = [{ afterBytes: 100, kind: 'flip' }];
  const stdout = new PassThrough().resume();
  await expect(
    // A decompressor would have noticed before anything of it went on.
    bring(put(randomBytes(rangeBytes * 3)), { destination: '-', stdout, compress: 'none' }),
  ).rejects.toMatchObject({ code: 'collect-failed' });
});

test('never replaces a file', async () => {
  const { put, bring, home } = await container();
  writeFileSync(join(home, 'web-1234.bin'), 'mine');
  const artifact = await bring(put(randomBytes(10)));
  expect(artifact.path).toBe(join(home, 'web-1234-2.bin'));
  expect(readFileSync(join(home, 'web-1234.bin'), 'utf8')).toBe('mine');
  await expect(checkDestination(join(home, 'web-1234.bin'))).rejects.toMatchObject({
    code: 'output-unusable',
  });
});

test('says how much room is missing where a dump may not fit, before there is one', async () => {
  const { home } = await container();
  const destination = await checkDestination(`${home}/`);
  await checkRoomFor(destination, { sizeBytes: 1_000_000, isPacked: false });
  await expect(
    checkRoomFor(destination, { sizeBytes: 1e18, isPacked: false }),
  ).rejects.toMatchObject({
    code: 'output-unusable',
    message: expect.stringMatching(/up to .* may come, .* are free there/),
    hint: expect.stringContaining('--store=zstd'),
  });
  await checkRoomFor({ kind: 'stdout' }, { sizeBytes: 1e18, isPacked: false });
});

test('leaves a file alone that is not ours, and says what is wrong with one that cannot be read', async () => {
  const { put, bring, folder } = await container();
  const remote = { ...put(randomBytes(10)), removable: false };
  expect(await bring(remote)).toMatchObject({ remoteRemoved: false });
  expect(existsSync(remote.path)).toBe(true);
  await expect(bring({ ...remote, path: `${folder}/nope` })).rejects.toMatchObject({
    code: 'collect-failed',
    message: expect.stringContaining('there is no such file'),
  });
});

test('a dump that is not one is corrupt, though it came home as it was', async () => {
  const { put, bring, home } = await container();
  const remote: RemoteArtifact = {
    ...put(Buffer.from('JAVA PROFILE 1.0.2\0 and then nonsense, nonsense')),
    format: 'hprof',
    extension: '.hprof',
  };
  await expect(bring(remote)).rejects.toMatchObject({ code: 'artifact-corrupt' });
  expect(readdirSync(home)).toEqual(['web-1234.hprof']);
});

test.each([
  ['zstd', '.zst', zstdDecompressSync],
  ['gzip', '.gz', gunzipSync],
] as const)(
  'keeps it as %s, taken up where a killed client left it',
  async (store, suffix, unpack) => {
    const { put, bring, server, home } = await container();
    const content = Buffer.concat([
      randomBytes(rangeBytes * 4),
      Buffer.alloc(rangeBytes * 4 + 99, 7),
    ]);
    const remote = put(content);
    server.faults.match = 'hash_every';
    server.faults.list = Array.from({ length: 64 }, (): StreamFault => ({
      afterBytes: rangeBytes * 3,
      kind: 'cut',
    }));
    const ended = new AbortController();
    const killed = bring(remote, {
      store,
      signal: ended.signal,
      onProgress: ({ message }) => message.includes('broke') && ended.abort(new Error('killed')),
    });
    await expect(killed).rejects.toThrow('killed');
    server.faults.list = [];
    const artifact = await bring(remote, { store });
    const stored = readFileSync(artifact.path);
    expect(unpack(stored).equals(content)).toBe(true);
    expect(artifact).toMatchObject({
      path: join(home, `web-1234.bin${suffix}`),
      sizeBytes: content.length,
      sha256: sha256(content),
      stored: store,
      storedBytes: stored.length,
    });
    expect(artifact.wireBytes).toBeLessThan(rangeBytes * 4);
    expect(readdirSync(home)).toEqual([`web-1234.bin${suffix}`]);
  },
);

test('two collections of one file do not meet in its part; what a dead one left is no hindrance', async () => {
  const { put, bring, home } = await container();
  const content = randomBytes(rangeBytes * 3);
  const remote = put(content);
  const part = join(home, 'web-1234.bin.part');
  const held = await PartLock.take(part);
  await expect(bring(remote)).rejects.toMatchObject({
    code: 'output-unusable',
    message: expect.stringContaining(`is being filled by process ${process.pid}`),
  });
  const text = readFileSync(`${part}.lock`, 'utf8');
  await held[Symbol.asyncDispose]();
  // The number has been given out again since.
  writeFileSync(`${part}.lock`, text.replace(/"began":"\d*"/, '"began":"1"'));
  expect(await bring(remote)).toMatchObject({ sha256: sha256(content) });
  expect(readdirSync(home)).toEqual(['web-1234.bin']);
});

test('travels as it was asked to', async () => {
  const { put, bring } = await container();
  const content = Buffer.alloc(rangeBytes * 8, 'the same again and again');
  const remote = { ...put(content), removable: false };
  const packed = await bring(remote, { compress: 'gzip' });
  expect(packed).toMatchObject({ compression: 'gzip', sha256: sha256(content), verified: true });
  expect(packed.wireBytes).toBeLessThan(content.length / 10);
  const plain = await bring(remote, { compress: 'none' });
  expect(plain).toMatchObject({ compression: 'none', sha256: sha256(content) });
  expect(plain.wireBytes).toBeGreaterThan(content.length);
});

async function tarred(more: Partial<Parameters<typeof collect>[0]> = {}, members?: string[]) {
  const made = await container();
  const { folder, bring } = made;
  const directory = join(folder, 'pitstop-1234', 'logs');
  mkdirSync(join(directory, 'deep'), { recursive: true });
  writeFileSync(join(directory, 'a.log'), 'a'.repeat(300_000));
  writeFileSync(join(directory, '-rf'), 'an odd name');
  writeFileSync(join(directory, 'deep', 'b.log'), randomBytes(100_000));
  symlinkSync('/etc/passwd', join(directory, 'link'));
  const remote: RemoteArtifact = {
    path: directory,
    sizeBytes: 400_000,
    format: 'directory',
    extension: '.tar',
    removable: true,
    ...(members && { members }),
  };
  return { ...made, directory, bring: () => bring(remote, more) };
}

function entries(tar: string): string[] {
  return execFileSync('tar', ['-tf', tar]).toString().trim().split('\n').sort();
}

test.each(['auto', 'none', 'gzip'] as const)(
  'a directory comes home as one tar: %s',
  async (compress) => {
    const { bring, directory, home, server } = await tarred({ compress });
    server.faults.match = 'squeeze';
    server.faults.list = [
      { afterBytes: 70_000, kind: 'cut' },
      { afterBytes: 90_000, kind: 'flip' },
    ];
    const artifact = await bring();
    const content = readFileSync(artifact.path);
    expect(artifact).toMatchObject({
      path: join(home, 'web-logs.tar'),
      format: 'directory',
      verified: true,
      sha256: sha256(content),
      sizeBytes: content.length,
      remoteRemoved: true,
    });
    expect(entries(artifact.path)).toEqual([
      './',
      './-rf',
      './a.log',
      './deep/',
      './deep/b.log',
      './link',
    ]);
    expect(readdirSync(home)).toEqual(['web-logs.tar']);
    expect(existsSync(directory)).toBe(false);
  },
);

test('of a directory only what is named goes home, and is removed there', async () => {
  const { bring, directory } = await tarred({ store: 'zstd' }, ['-rf', 'deep/b.log']);
  const artifact = await bring();
  expect(artifact.path).toMatch(/web-logs\.tar\.zst$/);
  writeFileSync(`${artifact.path}.tar`, zstdDecompressSync(readFileSync(artifact.path)));
  expect(entries(`${artifact.path}.tar`)).toEqual(['./-rf', './deep/b.log']);
  expect(readdirSync(directory).sort()).toEqual(['a.log', 'deep', 'link']);
});

test.each([
  ['only cat', ['cat']],
  ['cat and sha256sum', ['cat', 'sha256sum']],
])('a container with %s: what comes is believed once it is said twice', async (_, only) => {
  const { put, bring, server, home } = await container({ only });
  const content = randomBytes(rangeBytes * 3 + 7);
  server.faults.match = 'cat';
  server.faults.list = [
    { afterBytes: rangeBytes, kind: 'truncate' },
    { afterBytes: rangeBytes * 2, kind: 'cut' },
    { afterBytes: rangeBytes * 4, kind: 'cut' },
  ];
  const artifact = await bring({ ...put(content), removable: false });
  expect(artifact).toMatchObject({
    sizeBytes: content.length,
    sha256: sha256(content),
    verified: true,
    remoteRemoved: false,
  });
  expect(readFileSync(artifact.path).equals(content)).toBe(true);
  expect(readdirSync(home)).toEqual(['web-1234.bin']);
});

test('a file that cat cannot read says so', async () => {
  const { put, bring } = await container({ only: ['cat'] });
  const remote = { ...put(randomBytes(5)), path: '/nowhere/at/all', removable: false };
  await expect(bring(remote)).rejects.toMatchObject({
    code: 'collect-failed',
    message: expect.stringContaining('No such file or directory'),
  });
});

test('a compressor that dies in the container costs two streams, not the file', async () => {
  const { put, bring, folder } = await container();
  const tool = join(folder, 'zstd');
  // Compresses what it is tried with, and of anything longer only the beginning.
  writeFileSync(
    tool,
    '#!/bin/sh\nhead -c 1000 | /usr/bin/env -i PATH=/usr/bin:/bin zstd -q -1 -c\n',
    {
      mode: 0o755,
    },
  );
  const path = process.env['PATH'];
  onTestFinished(() => {
    process.env['PATH'] = path;
  });
  process.env['PATH'] = `${folder}:${path}`;
  const content = randomBytes(rangeBytes * 4);
  expect(await bring(put(content))).toMatchObject({ sha256: sha256(content), verified: true });
});
