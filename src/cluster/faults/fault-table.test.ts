import { expect, test } from 'vitest';
import { FaultTable } from './fault-table.ts';
import { parseFault } from './parse-fault.ts';

const patchPod = {
  verb: 'patch',
  resource: 'pods',
  namespace: 'a',
  name: 'x',
  user: 'me',
} as const;

test('a fault strikes what it names, after what it skips, as often as it says', () => {
  const table = new FaultTable();
  const effect = { type: 'status', code: 409 } as const;
  table.add({
    kind: 'request',
    match: { verb: 'patch', resource: 'pods' },
    effect,
    times: 2,
    skip: 1,
  });
  expect([1, 2, 3, 4].map(() => table.request(patchPod))).toEqual([
    undefined,
    effect,
    effect,
    undefined,
  ]);
  expect(table.list()).toMatchObject([{ fired: 2 }]);
});

test('an empty subresource names the resource alone', () => {
  const table = new FaultTable();
  table.add({ kind: 'request', match: { subresource: '' }, effect: { type: 'timeout' } });
  expect(table.request({ ...patchPod, subresource: 'status' })).toBeUndefined();
  expect(table.request(patchPod)).toEqual({ type: 'timeout' });
});

test('the first that is not used up strikes; one removed never does', () => {
  const table = new FaultTable();
  const first = table.add({ kind: 'probe', match: { pod: 'x' }, times: 1 });
  const second = table.add({ kind: 'probe' });
  const facts = { namespace: 'a', pod: 'x', container: 'c', probe: 'liveness' } as const;
  expect([table.probe(facts), table.probe(facts)]).toEqual([true, true]);
  expect(table.list()).toMatchObject([
    { id: first.id, fired: 1 },
    { id: second.id, fired: 1 },
  ]);
  expect(table.remove(second.id)).toBe(true);
  expect(table.remove(second.id)).toBe(false);
  expect(table.probe(facts)).toBe(false);
});

test('an exec is told by its container and the words of its command', () => {
  const table = new FaultTable();
  table.add({
    kind: 'exec',
    match: { pod: 'x', command: 'tail -c' },
    cutAtByte: 5,
    ending: 'silent',
  });
  const facts = { namespace: 'a', pod: 'x', container: 'c' };
  expect(table.exec({ ...facts, command: ['cat', '/f'] })).toBeUndefined();
  expect(table.exec({ ...facts, command: ['tail', '-c', '+1', '/f'] })).toMatchObject({
    cutAtByte: 5,
  });
});

test.each([
  [{ kind: 'quake' }, /^fault: kind: /],
  [{ kind: 'exec', cutAtByte: -1, ending: 'success' }, /^fault: cutAtByte: /],
  [{ kind: 'exec', cutAtByte: 1, ending: 'stall' }, /^fault: stallMs: /],
  [{ kind: 'request', effect: { type: 'status', code: 418 } }, /^fault: effect\.code: /],
  [{ kind: 'probe', match: { node: 'x' } }, /^fault: match: /],
])('%j is refused with the field', (value, message) => {
  expect(() => parseFault(value)).toThrow(message);
});
