import { expect, test } from 'vitest';
import { parseDiagnostics, readDiagnosticsFile } from './read-file.ts';

const head = 'apiVersion: pitstop.dev/v1alpha1\nkind: DiagnosticList\nitems:\n';

test('reads durations and sizes, and what is left out by its default', async () => {
  const text = `${head}
  - name: nginx-config
    summary: what nginx runs with
    detect: { process: nginx, arguments: master }
    run: [nginx, -T]
    timeout: 1m30s
    preflight: { pause: 1.5s, size: 100Mi, memory: 1e6 }
  - name: disk-use
    summary: what takes the room
    script: du -sk / >"@DIR/du.txt"
    collect: '@DIR/*.txt'
`;
  expect(await parseDiagnostics(text, 'my.yaml')).toEqual([
    {
      name: 'nginx-config',
      summary: 'what nginx runs with',
      detect: { process: 'nginx', arguments: 'master' },
      run: ['nginx', '-T'],
      options: false,
      exitCodes: [0],
      timeout: 90_000,
      preflight: { pause: 1_500, size: 100 * 2 ** 20, memory: 1_000_000 },
      source: 'my.yaml',
    },
    {
      name: 'disk-use',
      summary: 'what takes the room',
      script: 'du -sk / >"@DIR/du.txt"',
      collect: ['@DIR/*.txt'],
      options: false,
      exitCodes: [0],
      source: 'my.yaml',
    },
  ]);
});

test.each([
  ['a: [', 'my.yaml:1: Flow sequence'],
  ['', 'my.yaml:1: '],
  [
    `${head}  - name: x\n    summary: s\n    run: [a]\n    colour: red\n`,
    'my.yaml:7: items[0].colour: there is no such field',
  ],
  [
    `${head}  - name: X y\n    summary: s\n    run: [a]\n`,
    'my.yaml:4: items[0].name: a name has small letters',
  ],
  [`${head}  - name: x\n    summary: s\n`, 'my.yaml:4: items[0]: either run or script is needed'],
  [
    `${head}  - name: x\n    summary: s\n    run: [a]\n    preflight:\n      pause: soon\n`,
    'my.yaml:8: items[0].preflight.pause: a duration looks like',
  ],
  [
    `${head}  - name: x\n    summary: s\n    run: [a]\n    preflight:\n      size: much\n`,
    'my.yaml:8: items[0].preflight.size: a size looks like',
  ],
  [
    `${head}  - name: x\n    summary: s\n    run: [a, '@PID']\n`,
    'my.yaml:4: items[0].detect: @PID needs detect.process',
  ],
  [
    `${head}  - name: jvm-heap\n    summary: s\n    run: [a]\n`,
    'my.yaml:4: items[0].name: jvm-heap is a diagnostic of pitstop',
  ],
  [
    `${head}  - { name: x, summary: s, run: [a] }\n  - { name: x, summary: s, run: [b] }\n`,
    'my.yaml:5: items[1].name: x is there twice',
  ],
])('names the line and the field: %j', async (text, problem) => {
  await expect(parseDiagnostics(text, 'my.yaml')).rejects.toMatchObject({
    code: 'diagnostics-file',
    message: expect.stringContaining(problem),
  });
});

test('a file that is not there is named', async () => {
  await expect(readDiagnosticsFile('/no/such/file.yaml')).rejects.toMatchObject({
    code: 'diagnostics-file',
    message: expect.stringContaining('/no/such/file.yaml cannot be read: '),
  });
});

test('the example is as it must be', async () => {
  const example = new URL('../../../../examples/diagnostics/diagnostics.yaml', import.meta.url);
  const names = (await readDiagnosticsFile(example.pathname)).map(({ name }) => name);
  expect(names).toEqual(['nginx-config', 'open-files', 'redis-rdb', 'strace']);
});
