import { randomInt } from 'node:crypto';

/** No vowels and nothing that looks alike: neither words nor misreadings come out. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
export const SUFFIX_LENGTH = 5;

/** What upstream puts after a generated name. */
export function randomSuffix(): string {
  let suffix = '';
  while (suffix.length < SUFFIX_LENGTH) suffix += ALPHABET[randomInt(ALPHABET.length)];
  return suffix;
}
