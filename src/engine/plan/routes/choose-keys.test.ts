import { describe, expect, it } from 'vitest';
import { chooseKeys } from './choose-keys.ts';

const free = () => 0;
const any = (keys: readonly string[]) => keys;

describe('chooseKeys', () => {
  it('takes one key that all groups offer', () => {
    expect(chooseKeys([['a', 'b'], ['b']], free, any)).toEqual(['b']);
  });

  it('takes more keys where they cost less', () => {
    const cost = (keys: readonly string[]) => (keys.includes('b') ? 1 : 0);
    expect(
      chooseKeys(
        [
          ['a', 'b'],
          ['b', 'c'],
        ],
        cost,
        any,
      ),
    ).toEqual(['a', 'c']);
  });

  it('goes on to the next best until one is accepted', () => {
    expect(
      chooseKeys([['a', 'b', 'c']], free, (keys) => (keys[0] === 'c' ? 'yes' : undefined)),
    ).toBe('yes');
    expect(chooseKeys([['a']], free, () => undefined)).toBeUndefined();
  });

  it('has no answer for a group without keys', () => {
    expect(chooseKeys([['a'], []], free, any)).toBeUndefined();
  });

  it('covers every group also where there are too many keys to try them all', () => {
    const groups = Array.from({ length: 20 }, (_, at) => [`own-${at}`, `other-${at}`]);
    const keys = chooseKeys(groups, free, any) ?? [];
    expect(groups.every((group) => group.some((key) => keys.includes(key)))).toBe(true);
  });
});
