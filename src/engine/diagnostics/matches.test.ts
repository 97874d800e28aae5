import { expect, onTestFinished, test } from 'vitest';
import { startExecServer } from '../../../test/support/exec-server.ts';
import { hasSandbox, startSandbox } from '../../../test/support/sandbox.ts';
import { connect } from '../../kube/index.ts';
import { artifactOfMatches, findMatches, type Match } from './matches.ts';

const hasContainers = hasSandbox();

async function container(shell: string, script: string) {
  const prepare = `mount --bind "$(command -v ${shell})" /bin/sh && cd /tmp && ${script}`;
  const sandbox = await startSandbox(['bash', '-c', `${prepare} && echo ready && exec sleep 600`]);
  const server = await startExecServer({ prefix: sandbox.prefix });
  const kube = await connect({ kubeconfig: server.kubeconfig });
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await sandbox[Symbol.asyncDispose]();
  });
  const target = { kube, namespace: 'shop', pod: 'web', container: 'app' };
  return { target, signal: new AbortController().signal };
}

test.runIf(hasContainers).each(['dash', 'bash'])(
  'names of any kind are found as they are: %s',
  async (shell) => {
    const context = await container(
      shell,
      `mkdir -p 'a b' empty && printf 1 >'a b/one two' && printf 22 >'a b/line
break' && printf 333 >'a b/-dash' && printf 4444 >'a b/[x]*' && printf 5 >'a b/.hidden'`,
    );
    const find = async (...patterns: string[]) =>
      (await findMatches(context, patterns)).map(({ path, sizeBytes }) => [path, sizeBytes]);
    expect(await find('/tmp/a b/*')).toEqual([
      ['/tmp/a b/-dash', 3],
      ['/tmp/a b/[x]*', 4],
      ['/tmp/a b/line\nbreak', 2],
      ['/tmp/a b/one two', 1],
    ]);
    // What a name says literally goes before what it says as a pattern; each is found once.
    expect(await find('/tmp/a b/[x]*', '/tmp/a b/[[]x]*')).toEqual([['/tmp/a b/[x]*', 4]]);
    expect(await find('/tmp/nothing*', '/tmp/nothing')).toEqual([]);
    expect(await findMatches(context, ['/tmp/a b/', '/tmp/*y'])).toEqual([
      { path: '/tmp/a b', isDirectory: true, sizeBytes: expect.any(Number) as number },
      { path: '/tmp/empty', isDirectory: true, sizeBytes: expect.any(Number) as number },
    ]);
  },
);

const file = (path: string, sizeBytes = 1): Match => ({ path, sizeBytes, isDirectory: false });

test.each<[string, readonly Match[], object]>([
  ['nothing is no artifact', [], {}],
  ['an empty file is none', [file('/tmp/x', 0)], {}],
  [
    'one file stays that file',
    [file('/tmp/x.hprof')],
    { path: '/tmp/x.hprof', format: 'hprof', extension: '.hprof', sizeBytes: 1 },
  ],
  [
    'one directory stays it',
    [{ path: '/tmp/d', isDirectory: true, sizeBytes: 9 }],
    { path: '/tmp/d', format: 'directory', sizeBytes: 9 },
  ],
  [
    'several are members of what they have in common',
    [file('/var/log/a/1.log'), file('/var/log/b/2.log', 2), file('/var/log/c')],
    {
      path: '/var/log',
      members: ['a/1.log', 'b/2.log', 'c'],
      format: 'directory',
      sizeBytes: 4,
    },
  ],
  [
    'which may be the root',
    [file('/a'), file('/tmp/b')],
    { path: '/', members: ['a', 'tmp/b'], format: 'directory' },
  ],
  [
    'a file in a directory that goes home anyway is no further one',
    [{ path: '/tmp/d', isDirectory: true, sizeBytes: 1 }, file('/tmp/d/x')],
    { path: '/tmp/d', format: 'directory', sizeBytes: 1 },
  ],
])('%s', (_, matches, expected) => {
  const artifact = artifactOfMatches(matches, { removable: true });
  // An empty object stands for what the matches do not make.
  expect(artifact ?? {}).toMatchObject(expected);
  expect(artifact === undefined).toBe(Object.keys(expected).length === 0);
});
