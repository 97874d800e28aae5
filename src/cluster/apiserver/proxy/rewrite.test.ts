import { expect, it } from 'vitest';
import { rewriteHtml } from './rewrite-html.ts';
import { rewriteUrl } from './rewrite-url.ts';

const page = {
  host: '10.244.1.7:8080',
  requestHost: 'localhost:8001',
  prefix: '/api/v1/namespaces/shop/pods/web-1/proxy',
};

it.each([
  ['/a', `${page.prefix}/a`],
  ['/a/', `${page.prefix}/a/`],
  ['/', `${page.prefix}/`],
  ['/a?b=/c#d', `${page.prefix}/a?b=/c#d`],
  ['http://10.244.1.7:8080/a', `${page.prefix}/a`],
  ['//10.244.1.7:8080/a', `${page.prefix}/a`],
  ['http://localhost:8001/a', `http://localhost:8001${page.prefix}/a`],
  [`${page.prefix}/a`, `${page.prefix}/a`],
  ['a/b', 'a/b'],
  ['', ''],
  ['#top', '#top'],
  ['?q', '?q'],
  ['http://elsewhere/a', 'http://elsewhere/a'],
  ['//elsewhere/a', '//elsewhere/a'],
])('a link to %s becomes %s', (url, expected) => {
  expect(rewriteUrl(url, page)).toBe(expected);
});

const html =
  '<!DOCTYPE html><!-- <a href="/no"> --><html><head><script src="/s.js">if (1 < 2) x = "<a href=\'/no\'>"</script>' +
  '<link rel=x href=/style.css></head><body background="/b.png">1 < 2 <a class="/no" href = \'/a?x=">"\'>grüß</a>' +
  '<img alt="/no" SRC="/i.png"/><form action="/f"><p title="/no">it\'s</p><a href="/last">x</a>';

it.each([1, 2, 3, 7, 10_000])('rewrites the links of a page in chunks of %i', async (size) => {
  const bytes = Buffer.from(html);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const out: Buffer[] = [];
  for await (const chunk of rewriteHtml(chunks(), (url) => `/p${url}`)) out.push(chunk);
  expect(Buffer.concat(out).toString()).toBe(
    '<!DOCTYPE html><!-- <a href="/no"> --><html><head><script src="/p/s.js">if (1 < 2) x = "<a href=\'/no\'>"</script>' +
      '<link rel=x href="/p/style.css"></head><body background="/p/b.png">1 < 2 <a class="/no" href = \'/p/a?x=">"\'>grüß</a>' +
      '<img alt="/no" SRC="/p/i.png"/><form action="/p/f"><p title="/no">it\'s</p><a href="/p/last">x</a>',
  );
});

it('passes on what looks like the beginning of an endless tag', async () => {
  const text = `<a ${'x'.repeat(3 * 1024 * 1024)}`;
  let length = 0;
  async function* chunks() {
    for (let at = 0; at < text.length; at += 65_536) yield Buffer.from(text.slice(at, at + 65_536));
  }
  for await (const chunk of rewriteHtml(chunks(), (url) => url)) length += chunk.length;
  expect(length).toBe(text.length);
});
