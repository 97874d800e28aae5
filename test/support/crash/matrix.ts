import {
  isolatePod,
  restorePods,
  type InterlockName,
  type PitstopError,
  type Session,
} from '../../../src/engine/index.ts';
import { connect, type Kube } from '../../../src/kube/index.ts';
import { pitstop } from '../pitstop.ts';
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
import {
  killAt,
  recordInstants,
  verbs,
  wordsOf,
  type Doing,
  type Instant,
  type Verb,
} from './verb.ts';

export interface Crew {
  /** Of an administrator, who looks on. */
  readonly kube: Kube;
  /** Two users who may do what the documented Role says: one whose process dies, and one who restores. */
  readonly alice: string;
  readonly bob: string;
  /** The program, of `pinPitstop`. */
  readonly bin: string;
  /** So many namespaces of a combination at once. */
  readonly lanes: number;
  /** Of all instants those to try; by default all. */
  readonly pick?: (points: readonly CrashPoint[]) => readonly CrashPoint[];
}

/** Every so many restores are typed at a shell, the others made over the same user's connection. */
const typedEvery = 8;

export interface CrashPoint {
  readonly verb: Verb;
  readonly instant: Instant;
}

export interface CrashReport {
  readonly combination: Combination;
  /** Why this route is none for this owner. */
  readonly impossible?: string;
  /** Kills after which `restore` had something to undo, and after which there was nothing. */
  readonly restored: number;
  readonly untouched: number;
  /** Instants that did not come a second time. */
  readonly missed: readonly string[];
  /** What was not as before afterwards, and all that went wrong on the way. */
  readonly failures: readonly string[];
}

/**
 * Kills every verb at every instant that an undisturbed run of it has, on Pods of one combination,
 * and restores each from another process of another user.
 */
export async function crashEverywhere(crew: Crew, combination: Combination): Promise<CrashReport> {
  const tally = { restored: 0, untouched: 0, missed: [] as string[], failures: [] as string[] };
  const first = await deployLane(crew, combination, 0);
  const plan = await askPlan(crew.kube, combination, first);
  if ('impossible' in plan) {
    await removePlace(crew.kube, first);
    return { combination, ...tally, ...plan };
  }
  const way = { ...combination, ...plan };
  const points = await recordAll(crew, way, first);
  const open = [...(crew.pick?.(points) ?? points)];
  let restores = 0;

  async function lane(number: number): Promise<void> {
    let place = number === 0 ? first : await deployLane(crew, way, number);
    for (let next = open.shift(); next; next = open.shift()) {
      const name = `${nameWay(way)}: ${next.verb}, ${next.instant}`;
      try {
        const came = await crash(crew, way, place, next);
        if (!came) tally.missed.push(name);
        restores += 1;
        const how = restores % typedEvery === 1 ? 'typed' : 'called';
        const had = await restoreElsewhere(crew, place, how);
        if (came) tally[had ? 'restored' : 'untouched'] += 1;
      } catch (error) {
        tally.failures.push(`${name} (${place.namespace}): ${(error as Error).message}`);
        // What is broken stays as it is, for whoever looks; the others go on elsewhere.
        place = await deployLane(crew, way, number);
      }
    }
    await removePlace(crew.kube, place);
  }
  await Promise.all(Array.from({ length: crew.lanes }, (_, number) => lane(number)));
  return { combination, ...tally };
}

/** `label of Deployment`. */
export function nameWay({ route, owner, byHand }: Combination): string {
  return `${route} of ${owner}${byHand ? ', listed by hand too' : ''}`;
}

interface Lane extends Place {
  readonly before: Readonly<Record<string, unknown>>;
}

/** A combination that is possible, and the interlocks that refuse it. */
interface Way extends Combination {
  readonly overrides: readonly InterlockName[];
}

let namespaces = 0;

async function deployLane({ kube }: Crew, combination: Combination, number: number): Promise<Lane> {
  namespaces += 1;
  const { route, owner, byHand } = combination;
  const kind = `${owner.toLowerCase()}${byHand ? '-by-hand' : ''}`;
  const namespace = `${route}-${kind}-${number}-${namespaces}`;
  const place = await deployCombination(kube, combination, namespace);
  return { ...place, before: await readWorld(kube, namespace) };
}

function doing(
  { bin, alice }: Crew,
  { route, overrides }: Way,
  verb: Verb,
  { namespace, pod }: Place,
): Doing {
  return { words: wordsOf(verb, { namespace, pod, route, overrides }), kubeconfig: alice, bin };
}

/** In the order `run`, `isolate`, `restore`, each of which begins where the one before has ended. */
async function recordAll(crew: Crew, way: Way, place: Lane): Promise<readonly CrashPoint[]> {
  const points: CrashPoint[] = [];
  for (const verb of verbs) {
    const instants = await recordInstants(doing(crew, way, verb, place));
    points.push(...instants.map((instant) => ({ verb, instant })));
    if (verb !== 'isolate') await awaitWorld(crew.kube, place.namespace, place.before);
  }
  return points;
}

async function crash(
  crew: Crew,
  way: Way,
  place: Lane,
  { verb, instant }: CrashPoint,
): Promise<boolean> {
  if (verb === 'restore') {
    const { namespace, pod } = place;
    const { route, overrides } = way;
    await isolatePod(crew.kube, { target: pod, namespace, route, overrides, settleMs: 50 });
  }
  return await killAt(doing(crew, way, verb, place), instant);
}

/** What anybody does afterwards on another machine; false where nothing was left to undo. */
async function restoreElsewhere(
  crew: Crew,
  { namespace, pod, before }: Lane,
  how: 'typed' | 'called',
): Promise<boolean> {
  const hadRecord = await carriesRecord(crew.kube, { namespace, pod });
  const said = await (how === 'typed' ? typeRestore : callRestore)(crew, { namespace, pod });
  const expected = hadRecord ? 'Succeeded' : 'no-session';
  if (said !== expected) throw new Error(`restore, ${how}: ${said}, where ${expected} was due`);
  await awaitWorld(crew.kube, namespace, before);
  return hadRecord;
}

/** `Succeeded`, `no-session`, or what went wrong. */
async function callRestore({ bob }: Crew, place: Place): Promise<string> {
  await using kube = await connect({ kubeconfig: bob });
  try {
    const [session] = await restorePods(kube, place);
    return outcome(session);
  } catch (error) {
    const { code, message } = error as PitstopError;
    return code === 'no-session' ? code : message;
  }
}

async function typeRestore({ bob, bin }: Crew, { namespace, pod }: Place): Promise<string> {
  const { code, stdout, stderr } = await pitstop(
    ['restore', pod, '-n', namespace, '-o', 'json', '--progress=none'],
    { kubeconfig: bob, bin },
  );
  if (code === 2 && stderr.includes('nothing to restore')) return 'no-session';
  return code === 0 ? outcome(JSON.parse(stdout) as Session) : `exit code ${code}: ${stderr}`;
}

function outcome(session: Session | undefined): string {
  const { phase, podOut } = session?.status ?? {};
  return phase === 'Succeeded' && !podOut ? phase : JSON.stringify(session?.status);
}

/** One line for all. */
export function summarizeCrashes(reports: readonly CrashReport[]): string {
  const sum = (count: (report: CrashReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0);
  const restored = sum((report) => report.restored);
  const untouched = sum((report) => report.untouched);
  const missed = sum((report) => report.missed.length);
  const ways = reports.filter(({ impossible }) => impossible === undefined).length;
  return (
    `crash matrix: ${restored + untouched} kills of ${ways} combinations, ${restored} undone by restore, ` +
    `${untouched} with nothing to undo, ${missed} instants that did not come again`
  );
}
