import {
  isolatePod,
  restorePods,
  runSession,
  type PitstopError,
  type Session,
} from '../../../src/engine/index.ts';
import { connect, type Kube } from '../../../src/kube/index.ts';
import { FaultProxy, type ChooseFault, type Fault } from '../fault-proxy.ts';
import { awaitWorld } from '../world-difference.ts';
import { readWorld } from '../world.ts';
import { carriesRecord } from './carries-record.ts';
import {
  askPlan,
  deployCombination,
  removePlace,
  type Combination,
  type Place,
} from './combination.ts';

export interface FaultCrew {
  /** Of an administrator, who looks on. */
  readonly kube: Kube;
  /** Of the user whose calls meet the faults, and of the one who restores. */
  readonly alice: string;
  readonly bob: string;
  readonly lanes: number;
  readonly pick?: (cases: readonly FaultCase[]) => readonly FaultCase[];
}

export interface FaultCase {
  readonly verb: 'run' | 'restore';
  /** `Call.key` */
  readonly call: string;
  /** Name in `faultsOf`. */
  readonly fault: string;
}

export interface FaultReport {
  readonly combination: Combination;
  /** What the sessions said of themselves, by how many did. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Cases that did not succeed, with what they said. */
  readonly unsuccessful: readonly string[];
  /** Calls that were not made a second time. */
  readonly missed: readonly string[];
  readonly failures: readonly string[];
}

const answer = (status: number, headers = {}): Fault => ({ kind: 'answer', status, headers });

const everyCall: Readonly<Record<string, Fault>> = {
  'is lost': { kind: 'lost-request' },
  'is answered with 500': answer(500),
  'is answered with 429': answer(429, { 'retry-after': '0' }),
};
const unary: Readonly<Record<string, Fault>> = { 'gets no answer': { kind: 'no-answer' } };
const writes: Readonly<Record<string, Fault>> = {
  'is answered with 409': answer(409),
  'is done, its answer lost': { kind: 'lost-answer' },
};
const gone = { code: 410, reason: 'Expired', message: 'too old resource version' };
const watches: Readonly<Record<string, Fault>> = {
  'is cut': { kind: 'cut', afterMs: 20 },
  'is answered with 410': answer(410),
  'ends with a 410 event': {
    kind: 'answer',
    status: 200,
    body: { type: 'ERROR', object: { kind: 'Status', ...gone } },
  },
};
const execs: Readonly<Record<string, Fault>> = { 'is cut': { kind: 'cut', afterMs: 5 } };

/** Everything that can happen to a call of that kind. */
function faultsOf(key: string): Readonly<Record<string, Fault>> {
  if (key.startsWith('WATCH')) return { ...everyCall, ...watches };
  if (key.startsWith('EXEC')) return { ...everyCall, ...execs };
  if (/^(?:GET|LIST)/.test(key)) return { ...everyCall, ...unary };
  return { ...everyCall, ...unary, ...writes };
}

/** Lets each call of `run` and of `restore` meet each fault, one at a time, and restores what is left out. */
export async function faultEverywhere(
  crew: FaultCrew,
  combination: Combination,
): Promise<FaultReport> {
  const tally = { unsuccessful: [] as string[], missed: [] as string[], failures: [] as string[] };
  const outcomes = new Map<string, number>();
  const first = await deployLane(crew, combination, 0);
  const cases = await recordCases(crew, combination, first);
  const open = [...(crew.pick?.(cases) ?? cases)];

  async function lane(number: number): Promise<void> {
    let place = number === 0 ? first : await deployLane(crew, combination, number);
    for (let next = open.shift(); next; next = open.shift()) {
      const name = `${combination.route}: ${next.verb}, ${next.call} ${next.fault}`;
      try {
        const { said, met } = await meetFault(crew, combination, place, next);
        if (!met) tally.missed.push(name);
        outcomes.set(said, (outcomes.get(said) ?? 0) + 1);
        if (said !== 'Succeeded') tally.unsuccessful.push(`${name}: ${said}`);
        await awaitWorld(crew.kube, place.namespace, place.before);
      } catch (error) {
        tally.failures.push(`${name} (${place.namespace}): ${(error as Error).message}`);
        place = await deployLane(crew, combination, number);
      }
    }
    await removePlace(crew.kube, place);
  }
  await Promise.all(Array.from({ length: crew.lanes }, (_, number) => lane(number)));
  return { combination, outcomes, ...tally };
}

interface Lane extends Place {
  readonly before: Readonly<Record<string, unknown>>;
  readonly overrides: readonly never[];
}

let namespaces = 0;

async function deployLane(
  { kube }: FaultCrew,
  combination: Combination,
  number: number,
): Promise<Lane> {
  namespaces += 1;
  const namespace = `faulty-${combination.route}-${number}-${namespaces}`;
  const place = await deployCombination(kube, combination, namespace);
  const plan = await askPlan(kube, combination, place);
  if ('impossible' in plan || plan.overrides.length > 0) throw new Error(JSON.stringify(plan));
  return { ...place, before: await readWorld(kube, namespace), overrides: [] };
}

/** Every call of an undisturbed run and restore, with every fault it can meet. */
async function recordCases(
  crew: FaultCrew,
  combination: Combination,
  place: Lane,
): Promise<readonly FaultCase[]> {
  const cases: FaultCase[] = [];
  for (const verb of ['run', 'restore'] as const) {
    const keys = new Set<string>();
    if (verb === 'restore') await takeOut(crew.kube, combination, place);
    const { said } = await through(crew, verb, combination, place, ({ key }) => {
      keys.add(key);
      return undefined;
    });
    if (said !== 'Succeeded') throw new Error(`${verb} undisturbed: ${said}`);
    await awaitWorld(crew.kube, place.namespace, place.before);
    for (const call of keys) {
      // One after the other, and all alike.
      if (/^POST selfsubject\w+ (?!1$)/.test(call)) continue;
      cases.push(...Object.keys(faultsOf(call)).map((fault) => ({ verb, call, fault })));
    }
  }
  return cases;
}

function takeOut(kube: Kube, { route }: Combination, { namespace, pod }: Place): Promise<Session> {
  return isolatePod(kube, { target: pod, namespace, route, settleMs: 50 });
}

async function meetFault(
  crew: FaultCrew,
  combination: Combination,
  place: Lane,
  { verb, call, fault }: FaultCase,
): Promise<{ readonly said: string; readonly met: boolean }> {
  if (verb === 'restore') await takeOut(crew.kube, combination, place);
  const { said, podOut, met } = await through(crew, verb, combination, place, ({ key }) =>
    key === call ? faultsOf(call)[fault] : undefined,
  );
  const isOut = await carriesRecord(crew.kube, place);
  // A refusal to begin says nothing of the Pod: restore had found it out, run must leave it in.
  const claimed = podOut ?? verb === 'restore';
  if (claimed !== isOut) {
    throw new Error(`it said that the Pod is ${claimed ? 'out' : 'in'}, which is not so: ${said}`);
  }
  if (isOut) {
    await using bob = await connect({ kubeconfig: crew.bob });
    const [restored] = await restorePods(bob, place);
    if (restored?.status.phase !== 'Succeeded') {
      throw new Error(`restore after '${said}': ${JSON.stringify(restored?.status)}`);
    }
  }
  return { said, met };
}

interface Outcome {
  readonly said: string;
  /** Absent when it was refused before anything was done. */
  readonly podOut?: boolean;
  readonly met: boolean;
}

/** Does a verb over a connection on which `choose` lets calls fail. */
async function through(
  { alice }: FaultCrew,
  verb: FaultCase['verb'],
  { route }: Combination,
  { namespace, pod }: Lane,
  choose: ChooseFault,
): Promise<Outcome> {
  await using proxy = await FaultProxy.start(alice, choose);
  await using kube = await connect({
    kubeconfig: alice,
    server: proxy.url,
    requestTimeoutMs: 6_000,
  });
  const limits = { restoreTimeoutMs: 15_000 };
  try {
    const session =
      verb === 'restore'
        ? (await restorePods(kube, { namespace, pod, ...limits }))[0]
        : await runSession(kube, {
            target: pod,
            namespace,
            route,
            settleMs: 50,
            output: '/tmp/',
            command: ['true'],
            ...limits,
          });
    const { phase, podOut, error } = session?.status ?? {};
    const said = error === undefined ? phase : `${phase}, ${error.code}: ${error.message}`;
    return {
      said: said ?? 'nothing',
      ...(podOut !== undefined && { podOut }),
      met: proxy.faults > 0,
    };
  } catch (error) {
    const { code, message } = error as PitstopError;
    return { said: `refused, ${code}: ${message}`, met: proxy.faults > 0 };
  }
}
