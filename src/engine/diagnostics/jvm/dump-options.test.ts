import { expect, test } from 'vitest';
import { optionsOffered, parseHeapUsed, threadsFor } from './dump-options.ts';

test.each([
  [
    'G1',
    ` garbage-first heap   total 262144K, used 123456K [0x1, 0x2)
  region size 1024K, 5 young (5120K), 0 survivors (0K)
 Metaspace       used 500K, committed 704K, reserved 1114112K
  class space    used 40K, committed 128K, reserved 1048576K`,
    123_456 * 1024,
  ],
  [
    'Serial',
    ` def new generation   total 78656K, used 1000K [0x1, 0x2, 0x3)
  eden space 69952K,   2% used [0x1, 0x2, 0x3)
 tenured generation   total 174784K, used 2000K [0x1, 0x2, 0x3)
   the space 174784K,   0% used [0x1, 0x2, 0x3, 0x4)
 Metaspace       used 100K, committed 256K`,
    3000 * 1024,
  ],
  [
    'Parallel',
    ` PSYoungGen      total 76288K, used 11K [0x1, 0x2, 0x3)
 ParOldGen       total 175104K, used 22K [0x1, 0x2, 0x3)`,
    33 * 1024,
  ],
  ['ZGC', ' ZHeap           used 100M, capacity 258M, max capacity 4002M', 100 * 1024 * 1024],
  ['Shenandoah', ' 4096M max, 4096M soft max, 256M committed, 12M used', 12 * 1024 * 1024],
])('adds up the heap in use of %s', (_, text, bytes) => {
  expect(parseHeapUsed(text)).toBe(bytes);
});

test('an answer without sizes is no answer', () => {
  expect(
    parseHeapUsed('1:\njava.lang.IllegalArgumentException: Unknown diagnostic command'),
  ).toBeUndefined();
});

test('the options of a command are those that its help lists', () => {
  const help = `Syntax : GC.heap_dump [options] <filename>

Arguments:
\tfilename :  Name of the dump file (FILE, no default value)

Options: (options must be specified using the <key> or <key>=<value> syntax)
\t-all : [optional] Dump all objects, including unreachable objects (BOOLEAN, false)
\t-gz : [optional] If specified, the heap dump is written in gzipped format. (INT, 1)
\t-parallel : [optional] Number of parallel threads to use for heap dump. (INT, 1)`;
  expect([...optionsOffered(help)]).toEqual(['-all', '-gz', '-parallel']);
  expect([...optionsOffered('Unknown diagnostic command')]).toEqual([]);
});

test.each([
  ['no limit', undefined, 0.4, 4],
  ['a limit below', '2500m', 0.4, 2],
  ['less than one', '500m', 0.4, 1],
  ['a limit above', '16', 0.4, 4],
  ['a node with little to spare', undefined, 6.5, 2],
  ['a busy node', undefined, 20, 1],
])('a dump takes as many threads as there are processors for: %s', (_, cpu, nodeLoad, threads) => {
  const resources = cpu === undefined ? {} : { limits: { cpu } };
  const pod = { spec: { containers: [{ name: 'app', resources }] } };
  expect(threadsFor({ processors: 4, nodeProcessors: 8, nodeLoad }, pod, 'app')).toBe(threads);
});
