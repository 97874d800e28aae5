import { expect, test } from 'vitest';
import { environmentProxy } from './proxy.ts';

const proxy = 'http://proxy:3128';

test.each([
  ['https://api.example.com:6443', { HTTPS_PROXY: proxy }, proxy],
  ['https://api.example.com:6443', { https_proxy: 'proxy:3128' }, proxy],
  ['https://api.example.com', { HTTP_PROXY: proxy }, undefined],
  ['http://api.example.com', { HTTP_PROXY: proxy }, proxy],
  ['https://127.0.0.1:6443', { HTTPS_PROXY: proxy }, undefined],
  ['https://localhost:6443', { HTTPS_PROXY: proxy }, undefined],
  ['https://[::1]:6443', { HTTPS_PROXY: proxy }, undefined],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com' }, undefined],
  ['https://example.com', { HTTPS_PROXY: proxy, NO_PROXY: '.example.com' }, proxy],
  ['https://notexample.com', { HTTPS_PROXY: proxy, NO_PROXY: 'example.com' }, proxy],
  ['https://10.1.2.3', { HTTPS_PROXY: proxy, NO_PROXY: 'other, 10.0.0.0/8' }, undefined],
  ['https://11.1.2.3', { HTTPS_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, proxy],
  ['https://api.example.com:6443', { HTTPS_PROXY: proxy, NO_PROXY: 'api.example.com:443' }, proxy],
  ['https://api.example.com', { HTTPS_PROXY: proxy, NO_PROXY: '*' }, undefined],
])('%s with %o goes through %s', (server, environment, expected) => {
  expect(environmentProxy(new URL(server), environment)).toBe(expected);
});
