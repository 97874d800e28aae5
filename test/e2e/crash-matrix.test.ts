import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  isolatePod,
  restorePods,
  type PitstopError,
  type SessionEvent,
} from '../../src/engine/index.ts';
import { connect } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { startPitstop } from '../support/pitstop.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
const lanes = 8;

type Route = 'release' | 'label';
type Verb = 'run' | 'isolate' | 'restore';
interface Case {
  readonly verb: Verb;
  /** The event after which, or the write before or after which, the process is killed. */
  readonly at: string;
}

/** Words of `nameEvent`. Of events that come in one millisecond the first stands for all. */
const isolateEvents = [
  'session-started',
  'pod-out',
  'isolate: watching the sockets',
  'step-started drain',
  'isolation 2',
];
const workEvents = [
  'step-started diagnose',
  'diagnose: sh runs',
  'collect: comparing hashes',
  'artifact',
];
const restoreEvents = ['step-started restore', 'pod-back', 'restore: watching the sockets'];
/** Only `release` waits: for the Pod to be Ready, and for its owner. */
const homeEvents = ['restore: waiting for the'];

function casesOf(route: Route): readonly Case[] {
  const home = route === 'release' ? [...homeEvents, ...restoreEvents] : restoreEvents;
  const writes = route === 'release' ? 4 : 2;
  return [
    ...[...isolateEvents, ...workEvents, ...home].map((at): Case => ({ verb: 'run', at })),
    ...['pod-out', 'step-started drain', 'session-finished'].map((at): Case => ({
      verb: 'isolate',
      at,
    })),
    ...['session-started', ...home].map((at): Case => ({ verb: 'restore', at })),
    ...Array.from({ length: writes }, (_, index) => index + 1).flatMap((nth): Case[] => [
      { verb: 'run', at: `before write ${nth}` },
      { verb: 'run', at: `after write ${nth}` },
    ]),
  ];
}

/** `type`, with the step where there is one; progress by its first words, a repeated event by its number. */
function nameEvent(event: SessionEvent, seen: Map<string, number>): string {
  if (event.type === 'step-progress') {
    return `${event.step}: ${event.message.split(' ').slice(0, 3).join(' ')}`;
  }
  if (event.type === 'isolation') {
    seen.set(event.type, (seen.get(event.type) ?? 0) + 1);
    return `${event.type} ${seen.get(event.type)}`;
  }
  return 'step' in event ? `${event.type} ${event.step}` : event.type;
}

let otherUser = '';
beforeAll(async () => {
  const { kubeconfigPath } = world.cluster;
  const text = await readFile(kubeconfigPath, 'utf8');
  otherUser = join(dirname(kubeconfigPath), 'other-user');
  const renamed = text
    .replace(/^(users:\n- name: ).*/m, '$1somebody-else')
    .replace(/^( {4}user: ).*/m, '$1somebody-else');
  await writeFile(otherUser, renamed, { mode: 0o600 });
});

interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly before: Record<string, unknown>;
}

/** Runs the verb as a process of its own and kills it at the moment that the case names. */
async function runAndKill({ verb, at }: Case, { namespace, pod }: Place): Promise<void> {
  const { kubeconfigPath } = world.cluster;
  if (verb === 'restore') {
    await isolatePod(world.kube, { target: pod, namespace, settleMs: 50 });
  }
  const [, when, nth] = /^(before|after) write (\d)$/.exec(at) ?? [];
  await using proxy = await FaultProxy.start(kubeconfigPath, ({ method, nth: now }) => {
    if (method !== 'PATCH' || now !== Number(nth)) return undefined;
    if (when === 'after') return { kind: 'lost-answer', onDone: () => child.kill('SIGKILL') };
    child.kill('SIGKILL');
    return { kind: 'lost-request' };
  });
  const seen = new Map<string, number>();
  let rest = '';
  const { child, done } = startPitstop(
    [
      verb,
      pod,
      '-n',
      namespace,
      '--progress=json',
      ...(nth === undefined ? [] : ['--server', proxy.url]),
      ...(verb === 'restore' ? [] : ['--settle=50ms']),
      ...(verb === 'run' ? ['-O', '-', '--', 'sh', '-c', 'echo hi; sleep 0.1'] : []),
    ],
    {
      kubeconfig: kubeconfigPath,
      onStderr: (chunk) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines.filter((each) => each.startsWith('{'))) {
          if (nameEvent(JSON.parse(line) as SessionEvent, seen) === at) child.kill('SIGKILL');
        }
      },
    },
  );
  const { signal, stderr } = await done;
  // The last event may come as the process ends.
  if (signal !== 'SIGKILL' && at !== 'session-finished') {
    throw new Error(`it never came to '${at}':\n${stderr.slice(-2000)}`);
  }
}

/** What anybody does afterwards on another machine; `no-session` where nothing was left to undo. */
async function restoreAndCompare({
  namespace,
  pod,
  before,
}: Place): Promise<'restored' | 'nothing'> {
  const held = await world.kube.get<Pod>({ resource: 'pods', namespace, name: pod });
  const hasRecord = held?.metadata?.annotations?.['pitstop.dev/session'] !== undefined;
  // A connection of its own stands for the other machine; crash.test.ts starts the real process.
  await using kube = await connect({ kubeconfig: otherUser });
  const code = await restorePods(kube, { namespace, pod }).then(
    ([session]) => session?.status.error?.code ?? 'restored',
    ({ code: refusal }: PitstopError) => refusal,
  );
  expect(code).toBe(hasRecord ? 'restored' : 'no-session');
  await until(
    'the world to read as before',
    async () => {
      expect(await readWorld(world.kube, namespace)).toEqual(before);
      return true;
    },
    15_000,
  );
  return hasRecord ? 'restored' : 'nothing';
}

const counts = { restored: 0, nothing: 0 };
afterAll(() => {
  process.stdout.write(
    `crash matrix: ${counts.restored + counts.nothing} kills, ${counts.restored} undone by restore, ${counts.nothing} with nothing to undo\n`,
  );
});

describe.each(['release', 'label'] as const)(
  'route %s: whatever instant kill -9 comes at',
  (route) => {
    it('restore from another process brings the world back', { timeout: 120_000 }, async () => {
      const open = [...casesOf(route)];
      const failures: string[] = [];
      async function lane(number: number): Promise<void> {
        const { namespace, pods } = await deploySmallApp(world.kube, {
          namespace: `${route}-${number}`,
          route,
        });
        const place = {
          namespace,
          pod: pods[0] ?? '',
          before: await readWorld(world.kube, namespace),
        };
        for (let next = open.shift(); next; next = open.shift()) {
          try {
            await runAndKill(next, place);
            counts[await restoreAndCompare(place)] += 1;
          } catch (error) {
            failures.push(`${next.verb}, ${next.at}: ${(error as Error).message}`);
            return;
          }
        }
      }
      await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
      expect(failures).toEqual([]);
      expect(open).toEqual([]);
    });
  },
);
