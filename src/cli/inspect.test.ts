import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { Io } from './io.ts';
import { runProgram } from './program.ts';

const histogram = ` num     #instances         #bytes  class name (module)
-------------------------------------------------------
   1:          1000         240000  [B (java.base@17.0.15)
   2:           300          72000  shop.checkout.payment.PaymentAuthorizationRequestLine
   3:            10           3000  java.lang.String (java.base@17.0.15)
Total          1310         315000
`;

async function inspect(
  words: readonly string[],
  {
    stdin = '',
    columns,
    signal = new AbortController().signal,
  }: { stdin?: string; columns?: number; signal?: AbortSignal } = {},
) {
  const stdout = Object.assign(new PassThrough(), columns && { isTTY: true, columns });
  const stderr = new PassThrough();
  const io: Io = {
    stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    stdout,
    stderr,
    // No cluster is asked: a kubeconfig that is none would be told.
    env: { KUBECONFIG: '/none/such' },
    signal,
    recovery: undefined,
  };
  const output = Promise.all([text(stdout), text(stderr)]);
  const code = await runProgram(['inspect', ...words], io);
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { code, out, err };
}

function files(contents: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'inspect-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(contents))
    writeFileSync(join(folder, name), content);
  return folder;
}

test('a file is told with what there is most of, plain in a pipe', async () => {
  const { code, out, err } = await inspect(['-', '--top=2'], { stdin: histogram });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatchInlineSnapshot(`
    "stdin: class histogram of a JVM, whole
      369 B (369 bytes)
      sha256 678ce3e383a606796cca6a9950ba2883cdb757e69fd666fe8d93945ee1b45117
      3 rows

      Classes by shallow size (2 of 3)
           SIZE  SHARE  COUNT                            CLASS
      234.4 KiB  76.2%  1,000  ########################  byte[]
       70.3 KiB  22.9%    300  #######                   shop.checkout.payment.PaymentAuthorizationRequestLine
    "
  `);
});

test('on a narrow terminal bars and names give way, the ends of names last', async () => {
  const { out } = await inspect(['-', '--top=2'], { stdin: histogram, columns: 64 });
  const lines = out
    .split('\n')
    .slice(5)
    .map((line) => stripVTControlCharacters(line));
  expect(lines.filter((line) => line.length > 64)).toEqual([]);
  expect(lines.join('\n')).toMatch(/█{8} {2}byte\[\]/);
  expect(lines.join('\n')).toMatch(/…\w+RequestLine/);
});

test('a truncated file is told, exits 1, and does not keep the others from being told', async () => {
  const folder = files({ 'whole.txt': histogram, 'cut.txt': histogram.slice(0, 250) });
  const [whole, cut] = [join(folder, 'whole.txt'), join(folder, 'cut.txt')];
  const { code, out, err } = await inspect([cut, join(folder, 'none'), whole]);
  expect(code).toBe(1);
  expect(out).toContain(`${cut}: class histogram of a JVM, TRUNCATED`);
  expect(out).toContain('it ends without its total at byte 250');
  expect(out).toContain(`${whole}: class histogram of a JVM, whole`);
  expect(err).toContain(`error: ${join(folder, 'none')}: there is no such file\nhint: ls -l `);
});

test('a file that cannot be read exits 2', async () => {
  const { code, out, err } = await inspect(['/none/such']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toBe('error: /none/such: there is no such file\nhint: ls -l /none/such\n');
});

test('a script gets one document, or a list of several', async () => {
  const folder = files({ a: histogram });
  const one = JSON.parse((await inspect([join(folder, 'a'), '-o', 'json'])).out) as object;
  expect(one).toMatchObject({
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'Inspection',
    format: 'histogram',
    state: 'whole',
    tables: [{ unit: 'bytes', total: { count: 1310, value: 315_000 } }],
  });
  const two = await inspect([join(folder, 'a'), join(folder, 'a'), '-o', 'json']);
  expect(JSON.parse(two.out)).toMatchObject({ kind: 'InspectionList', items: [one, one] });
  expect((await inspect([join(folder, 'a'), '-o', 'name'])).out).toBe('histogram\n');
});

test('Ctrl-C ends it', async () => {
  const { code, err } = await inspect(['-'], { stdin: histogram, signal: AbortSignal.abort() });
  expect({ code, err }).toEqual({ code: 130, err: 'error: interrupted\n' });
});
