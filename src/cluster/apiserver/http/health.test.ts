import { expect, it } from 'vitest';
import { healthOf } from './health.ts';

it.each([
  ['/healthz', 'ok'],
  ['/livez/ping', 'ok'],
  ['/readyz?verbose', '[+]ping ok\nreadyz check passed\n'],
  ['/livez?verbose=true', '[+]ping ok\nlivez check passed\n'],
  ['/livez/nope', undefined],
  ['/healthzz', undefined],
])('%s', (path, body) => {
  expect(healthOf(new URL(path, 'https://127.0.0.1'))).toBe(body);
});
