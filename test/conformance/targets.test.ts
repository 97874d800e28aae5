import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { leftOut } from './left-out.ts';
import { targets } from './support/targets.ts';

const here = new URL('.', import.meta.url);
const stated = new Set(
  readdirSync(here, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap((path) => [
      ...readFileSync(new URL(path, here), 'utf8').matchAll(
        /conformance\(\s*(['"`])(\[sig-.*?)\1,/g,
      ),
    ])
    .map(([, quote, name]) => name!.replaceAll(`\\${quote}`, quote!)),
);

test('every test of class A and P is restated here, or left out with its reason', () => {
  const wanted = targets.filter(({ class: kind }) => kind === 'A' || kind === 'P');
  const missing = wanted
    .map(({ name }) => name)
    .filter((name) => !stated.has(name) && !leftOut.has(name));
  expect(missing).toEqual([]);
});

test('every name here is a name upstream', () => {
  const names = new Set(targets.map(({ name }) => name));
  expect([...stated, ...leftOut.keys()].filter((name) => !names.has(name))).toEqual([]);
});
