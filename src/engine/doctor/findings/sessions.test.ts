import { describe, expect, it } from 'vitest';
import { diagnose } from '../diagnose.ts';
import {
  annotated,
  byController,
  diagnoseIn,
  podA,
  podB,
  sampleEntry,
  sampleNow,
  sampleRecord,
  sampleSlice,
  sampleWorld,
} from '../sample-world.ts';

describe('sessions', () => {
  const held = (more: object) => [
    annotated(podA, { 'pitstop.dev/session': sampleRecord(more) }),
    podB,
  ];
  const inSeconds = (seconds: number) => new Date(sampleNow + seconds * 1000).toISOString();

  it('one whose deadline is over is brought home', () => {
    expect(diagnoseIn({ pods: held({ deadline: inSeconds(-60) }) })).toMatchObject([
      {
        name: 'session-expired',
        object: 'pod/web-7d-bbbbb',
        message: expect.stringContaining('60 s ago'),
        repair: { writes: [], restore: { pod: 'web-7d-bbbbb', onlyIfExpired: false } },
      },
    ]);
  });

  it('one that is silent is watched first', () => {
    expect(diagnoseIn({ pods: held({ renewedAt: inSeconds(-600) }) })).toMatchObject([
      { name: 'session-silent', severity: 'warning', repair: { restore: { onlyIfExpired: true } } },
    ]);
  });

  it('one that lives, or whose deadline is to come, is none of the doctor’s business', () => {
    expect(diagnoseIn({ pods: held({ renewedAt: inSeconds(-15) }) })).toEqual([]);
    expect(diagnoseIn({ pods: held({ deadline: inSeconds(60) }) })).toEqual([]);
  });

  it('one whose record cannot be read is left to a person', () => {
    const pods = [annotated(podA, { 'pitstop.dev/session': '{"id":1}' }), podB];
    const [finding] = diagnoseIn({ pods });
    expect(finding).toMatchObject({ name: 'record-unreadable', severity: 'error' });
    expect(finding?.repair).toBeUndefined();
  });

  it('a mark on a replacement goes with its session', () => {
    const mark = JSON.stringify({ id: 'abcd1234', cost: '5' });
    const marked = annotated(podB, {
      'pitstop.dev/replacement': mark,
      'controller.kubernetes.io/pod-deletion-cost': '-2147483648',
    });
    expect(
      diagnoseIn({ pods: [...held({ renewedAt: inSeconds(0) }).slice(0, 1), marked] }),
    ).toEqual([]);
    expect(diagnoseIn({ pods: [podA, marked] })).toMatchObject([
      {
        name: 'deletion-cost',
        repair: {
          description: 'set its deletion cost back to 5 and the mark',
          writes: [
            {
              patch: {
                metadata: {
                  annotations: {
                    'controller.kubernetes.io/pod-deletion-cost': '5',
                    'pitstop.dev/replacement': null,
                  },
                },
              },
            },
          ],
        },
      },
    ]);
  });

  it('what one has left in a container is named', () => {
    const files = [
      {
        namespace: 'shop',
        pod: 'web-7d-bbbbb',
        container: 'web',
        path: '/tmp/pitstop-abcd1234',
        sizeBytes: 3 * 2 ** 20,
      },
    ];
    expect(diagnose(sampleWorld({}, { files }))).toMatchObject([
      { name: 'session-files', message: expect.stringContaining('3.0 MiB') },
    ]);
    const pods = held({ deadline: inSeconds(60) });
    expect(diagnose(sampleWorld({ pods }, { files }))).toEqual([]);
  });

  it('what could not be looked into, although one has worked there, is named', () => {
    const shut = [
      { namespace: 'shop', pod: 'web-1', container: 'web', helper: 'pitstop-0a1b2c3d' },
    ];
    expect(diagnose(sampleWorld({}, { shut }))).toMatchObject([
      { name: 'not-looked-at', severity: 'note', object: 'pod/web-1' },
    ]);
  });
});

it('takes away the record of an entry whose Pod is gone, and leaves one whose Pod is there', () => {
  const removed = [{ index: 0, entry: { addresses: ['10.0.0.1'] }, addresses: ['10.0.0.1'] }];
  const foreign = sampleSlice('by-hand', undefined, [sampleEntry('192.168.0.1')]);
  const withRecord = (podUid: string) => ({
    ...foreign,
    metadata: {
      ...foreign.metadata,
      annotations: {
        'pitstop.dev/session': JSON.stringify({
          sessions: [
            { id: 'abcd1234', pod: 'web-x', podUid, by: 'jane', startedAt: 'now', removed },
          ],
        }),
      },
    },
  });
  const own = sampleSlice('web-s1', byController, [
    sampleEntry('10.0.0.1', 'web-7d-bbbbb'),
    sampleEntry('10.0.0.2', 'web-7d-ccccc'),
  ]);
  const [gone] = diagnoseIn({ slices: [own, withRecord('uid-gone')] });
  expect(gone).toMatchObject({
    name: 'record-orphaned',
    repair: { writes: [{ patch: { metadata: { annotations: { 'pitstop.dev/session': null } } } }] },
  });
  const [there] = diagnoseIn({ slices: [own, withRecord('uid-web-7d-bbbbb')] });
  expect(there?.repair).toBeUndefined();
  expect(there?.hint).toContain('put the entry back by hand');
});
