import type { SessionEvent } from '../../../src/engine/index.ts';
import { FaultProxy, type Call, type Fault } from '../fault-proxy.ts';
import { startPitstop, type PitstopResult } from '../pitstop.ts';
import { nameEvent } from './event-name.ts';

export const verbs = ['run', 'isolate', 'restore'] as const;
export type Verb = (typeof verbs)[number];

/** A moment of a process: an event it tells (`event NAME`), or `before KEY` and `after KEY` of a write. */
export type Instant = string;

export interface Doing {
  /** What is typed: `run web-1 -n shop`. */
  readonly words: readonly string[];
  /** Whose rights it has. */
  readonly kubeconfig: string;
  /** The program, of `pinPitstop`. */
  readonly bin: string;
}

/** What is typed for a verb on one Pod. */
export function wordsOf(
  verb: Verb,
  {
    namespace,
    pod,
    route,
    overrides,
  }: {
    readonly namespace: string;
    readonly pod: string;
    readonly route: string;
    readonly overrides: readonly string[];
  },
): readonly string[] {
  const out = [
    '--settle=50ms',
    `--route=${route}`,
    ...overrides.map((name) => `--override=${name}`),
  ];
  return [
    verb,
    pod,
    '-n',
    namespace,
    ...(verb === 'restore' ? [] : out),
    ...(verb === 'run' ? ['-O', '-', '--', 'sh', '-c', 'echo hi; sleep 0.1'] : []),
  ];
}

/** Runs a verb undisturbed and lists its instants; of events that come in one breath the first stands for all. */
export async function recordInstants(doing: Doing): Promise<readonly Instant[]> {
  const instants: Instant[] = [];
  const { code, stderr } = await runVerb(doing, {
    onCall: (call) => {
      if (isWrite(call)) instants.push(`before ${call.key}`, `after ${call.key}`);
      return undefined;
    },
    onEvents: ([first]) => {
      if (first !== undefined) instants.push(`event ${first}`);
    },
  });
  if (code !== 0) {
    throw new Error(`${doing.words.join(' ')} undisturbed ended with ${code}:\n${stderr}`);
  }
  return instants;
}

/** Runs a verb and kills it with -9 at that instant; false when it never came to it. */
export async function killAt(doing: Doing, instant: Instant): Promise<boolean> {
  const [, when, key] = /^(before|after) (.*)$/.exec(instant) ?? [];
  let came = false;
  await runVerb(doing, {
    onCall: (call, kill) => {
      if (call.key !== key) return undefined;
      came = true;
      if (when === 'after') return { kind: 'lost-answer', onDone: kill };
      kill();
      return { kind: 'lost-request' };
    },
    onEvents: (names, kill) => {
      if (!names.some((name) => instant === `event ${name}`)) return;
      came = true;
      kill();
    },
  });
  return came;
}

/** Events are told beside the work: they are no writes of the session. */
function isWrite({ key, isWatch }: Call): boolean {
  return !isWatch && /^(?:PATCH|POST|PUT|DELETE) (?!self|events)/.test(key);
}

interface Listener {
  readonly onCall: (call: Call, kill: () => void) => Fault | undefined;
  /** The names of events that came at once. */
  readonly onEvents: (names: readonly string[], kill: () => void) => void;
}

/** The verb as a process of its own whose every call comes past us. */
async function runVerb(doing: Doing, listener: Listener): Promise<PitstopResult> {
  const { kubeconfig, bin } = doing;
  const [verb = '', ...rest] = doing.words;
  const kill = () => void child.kill('SIGKILL');
  await using proxy = await FaultProxy.start(kubeconfig, (call) => listener.onCall(call, kill));
  const seen = new Set<string>();
  let begun = '';
  const { child, done } = startPitstop([verb, '--server', proxy.url, '--progress=json', ...rest], {
    kubeconfig,
    bin,
    onStderr: (chunk) => {
      const lines = (begun + chunk).split('\n');
      begun = lines.pop() ?? '';
      const names = lines
        .filter((line) => line.startsWith('{'))
        .flatMap((line) => nameEvent(JSON.parse(line) as SessionEvent, seen) ?? []);
      if (names.length > 0) listener.onEvents(names, kill);
    },
  });
  return await done;
}
