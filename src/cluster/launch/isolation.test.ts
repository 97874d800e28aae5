import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { chooseIsolation } from './isolation.ts';

const run = promisify(execFile);
const isRoot = process.geteuid?.() === 0;

const module = JSON.stringify(new URL('./isolation.ts', import.meta.url).href);

/** The choice of a process that was started through `prefix`. */
async function chooseAs(prefix: readonly string[], wanted: string): Promise<unknown> {
  const program = `const { chooseIsolation } = await import(${module});
    console.log(JSON.stringify(await chooseIsolation('${wanted}').then(
      ({ level, refusal }) => ({ level, refusal }), ({ message }) => message)));`;
  const [file, ...args] = [...prefix, process.execPath, '--input-type=module', '-e', program];
  const { stdout } = await run(file, args);
  return JSON.parse(stdout);
}

describe.skipIf(process.platform !== 'linux')('the level on Linux', () => {
  test('is what the machine allows, and without being asked never plain', async () => {
    const { level } = await chooseIsolation('auto');
    const possible = ['user', 'loopback', ...(isRoot ? ['namespaces'] : [])];
    expect(possible).toContain(level);
  });

  test.each(['loopback', 'plain'] as const)('%s can always be had', async (level) => {
    expect(await chooseIsolation(level)).toEqual({ level, prefix: [] });
  });
});

describe.skipIf(!isRoot)('the level by privilege', () => {
  test('an ordinary user gets no more than a user namespace', async () => {
    const ordinary = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    expect(await chooseAs(ordinary, 'auto')).toEqual({
      level: expect.stringMatching(/^(user|loopback)$/),
    });
    expect(await chooseAs(ordinary, 'namespaces')).toBe(
      'this machine refuses level namespaces: it needs root, and this is user 65534',
    );
  });

  test('root without its capabilities is no root', async () => {
    const poor = ['setpriv', '--bounding-set=-setuid,-net_admin'];
    expect(await chooseAs(poor, 'namespaces')).toBe(
      'this machine refuses level namespaces: root has no CAP_SETUID, CAP_NET_ADMIN here',
    );
  });

  test('where no namespaces are to be had, it is loopback, with the reason', async () => {
    // The limit is that of the namespace in which it is set.
    const poor = ['unshare', '--user', '--map-root-user', 'sh', '-c'].concat(
      'echo 0 > /proc/sys/user/max_user_namespaces; echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"',
      'sh',
    );
    expect(await chooseAs(poor, 'auto')).toEqual({
      level: 'loopback',
      refusal: expect.stringContaining('unshare failed'),
    });
  });
});
