import { expect, test } from 'vitest';
import { readInspectorAddress, signalFlag, snapshotFolders } from './flags.ts';

const flags = (...words: readonly string[]) => ({ words, directory: '/app' });

test.each([
  [[], '127.0.0.1', 9229],
  [['--inspect', 'server.js'], '127.0.0.1', 9229],
  [['--inspect=9777'], '127.0.0.1', 9777],
  [['--inspect=0.0.0.0:9777'], '127.0.0.1', 9777],
  [['--inspect-port=10.1.2.3:9000'], '10.1.2.3', 9000],
  [['--inspect-port', '9001'], '127.0.0.1', 9001],
  [['--inspect=[::1]:9002'], '::1', 9002],
  [['--inspect-port=9001', '--inspect'], '127.0.0.1', 9001],
])('the inspector of %j', (words, host, port) => {
  expect(readInspectorAddress(flags(...words))).toEqual({ host, port });
});

test('the signal of a heap snapshot, and where the file goes', () => {
  expect(signalFlag(flags('--heapsnapshot-signal=SIGUSR2'))).toBe('SIGUSR2');
  expect(signalFlag(flags('--heapsnapshot-signal', 'SIGUSR2'))).toBe('SIGUSR2');
  expect(signalFlag(flags('server.js'))).toBeUndefined();
  expect(snapshotFolders(flags())).toEqual(['/app']);
  expect(snapshotFolders(flags('--diagnostic-dir=/var/tmp'))).toEqual(['/var/tmp']);
  expect(snapshotFolders(flags('--diagnostic-dir=dumps'))).toEqual(['/app/dumps']);
});
