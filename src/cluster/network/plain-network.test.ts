import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createPlainNetwork } from './plain-network.ts';
import { hasNamespaces, inside, moduleName } from './test-inside.ts';

const run = promisify(execFile);
const isBare = await run('ip', ['address', 'show', 'lo']).then(
  ({ stdout }) => (stdout.match(/inet 127\./g) ?? []).length === 1,
  () => true,
);

test.skipIf(!isBare)('all Pods share 127.0.0.1, and no ClusterIP answers', async () => {
  const network = createPlainNetwork(2);
  const pods = network.nodes.map((node, index) => node.attach({ uid: `${index}`, pid: 0 }));
  expect(await Promise.all(pods)).toEqual([{ ip: '127.0.0.1' }, { ip: '127.0.0.1' }]);
  expect(network.serviceAddress('10.96.0.10')).toBeUndefined();
});

test.skipIf(!hasNamespaces)('addresses added to the loopback interface go to Pods', async () => {
  const program = `
    import { execFileSync } from 'node:child_process';
    import { createPlainNetwork } from ${moduleName('./plain-network.ts', import.meta.url)};
    execFileSync('ip', ['link', 'set', 'lo', 'up']);
    for (const last of [2, 3]) execFileSync('ip', ['address', 'add', '127.77.0.' + last, 'dev', 'lo']);
    const [node] = createPlainNetwork(1).nodes;
    const address = async (uid) => (await node.attach({ uid, pid: 0 })).ip;
    const seen = [await address('a'), await address('b'), await address('c'), await address('a')];
    await node.detach('b');
    tell([...seen, await address('d')]);`;
  expect(await inside(program)).toEqual([
    '127.77.0.2',
    '127.77.0.3',
    '127.0.0.1',
    '127.77.0.2',
    '127.77.0.3',
  ]);
});
