import { expect, it } from 'vitest';
import { SPDY_DICTIONARY } from './dictionary.ts';

it('is the dictionary of SPDY/3, by the checksum zlib writes into every stream primed with it', () => {
  let [a, b] = [1, 0];
  for (const byte of SPDY_DICTIONARY) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  expect((b * 65_536 + a).toString(16)).toBe('e3c6a7c2');
});
