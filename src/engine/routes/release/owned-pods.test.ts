import type { Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import type { UndoRecord } from '../../session/record.ts';
import { newcomers } from './owned-pods.ts';

const record = { id: 'aaaaaaaa', siblings: ['11111111'], startedAt: '2026-01-01T00:00:10.500Z' };

function pod(uid: string, second: number, annotations: Record<string, string> = {}): Pod {
  const creationTimestamp = `2026-01-01T00:00:${second}Z` as unknown as never;
  return { metadata: { name: `web-${uid}`, uid: `${uid}-0000`, creationTimestamp, annotations } };
}

function names(owned: readonly Pod[], of: Partial<UndoRecord> = record) {
  return newcomers(owned, of as UndoRecord).map(({ metadata }) => metadata?.uid?.slice(0, 8));
}

describe('newcomers', () => {
  it('are those that were not there before, oldest first, whatever their birth says', () => {
    expect(names([pod('33333333', 14), pod('11111111', 10), pod('22222222', 10)])).toEqual([
      '22222222',
      '33333333',
    ]);
  });

  it('are not those that other sessions have marked or hold', () => {
    const mark = (id: string) => ({ 'pitstop.dev/replacement': `{"id":"${id}","cost":null}` });
    const owned = [
      pod('22222222', 11, mark('bbbbbbbb')),
      pod('33333333', 12, { 'pitstop.dev/session': '{}' }),
      pod('44444444', 13, mark('aaaaaaaa')),
    ];
    expect(names(owned)).toEqual(['44444444']);
  });

  it('are told by their birth, newest first, where the record does not tell', () => {
    const { siblings: _, ...older } = record;
    const owned = [pod('11111111', 9 + 0), pod('22222222', 11), pod('33333333', 12)];
    expect(names(owned.slice(1), older)).toEqual(['33333333', '22222222']);
  });
});
