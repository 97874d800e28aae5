import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { subPathOf } from './sub-path.ts';

function volume() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pitstop-subpath-')));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return { root, container: 'box', env: { POD: 'web-1', UP: '../x', ROOT: '/tmp' } };
}

const mount = { name: 'data', mountPath: '/data' };

test('makes what is missing, with the container’s variables in its name', () => {
  const options = volume();
  expect(subPathOf({ ...mount, subPathExpr: '$(POD)/logs' }, options)).toBe(
    join(options.root, 'web-1/logs'),
  );
  expect(existsSync(join(options.root, 'web-1/logs'))).toBe(true);
});

test.each([
  ['$(NONE)', 'missing value for "NONE"'],
  ['$(ROOT)', 'error SubPath `/tmp` must not be an absolute path'],
  ['$(UP)', "unable to provision SubPath `../x`: must not contain '..'"],
])('refuses %s', (subPathExpr, message) => {
  expect(() => subPathOf({ ...mount, subPathExpr }, volume())).toThrow(message);
});

test('follows no link that leads out of the volume', () => {
  const options = volume();
  symlinkSync('/etc', join(options.root, 'out'));
  expect(() => subPathOf({ ...mount, subPath: 'out' }, options)).toThrow(
    'failed to prepare subPath for volumeMount "data" of container "box"',
  );
});
