import { awaitWorld } from '../world-difference.ts';
import { readWorld } from '../world.ts';
import type { Kube } from '../../../src/kube/index.ts';
import { removePlace, type Place } from './combination.ts';
import { killAt, recordInstants, type Instant } from './verb.ts';

/** A place as it is between two sessions. */
export interface Lane extends Place {
  readonly before: Readonly<Record<string, unknown>>;
}

/** Something that is typed, and what anybody does after it was killed. */
export interface Scenario {
  readonly name: string;
  readonly deploy: (namespace: string) => Promise<Place>;
  /** Makes the world in which the words are typed. */
  readonly prepare?: (lane: Lane) => Promise<unknown>;
  readonly words: (lane: Lane) => readonly string[];
  /** Restores as another user; true when there was something to undo. */
  readonly restore: (lane: Lane) => Promise<boolean>;
  /** Waits for one of the states in which the world may be afterwards; answers where the next session begins. */
  readonly settle: (lane: Lane) => Promise<Place>;
}

export interface ScenarioCrew {
  readonly kube: Kube;
  /** A kubeconfig of whoever's process dies. */
  readonly alice: string;
  /** The program, of `pinPitstop`. */
  readonly bin: string;
  /** So many namespaces at once. */
  readonly lanes: number;
}

export interface ScenarioReport {
  readonly name: string;
  /** Kills after which there was something to undo, and after which there was nothing. */
  readonly restored: number;
  readonly untouched: number;
  /** Instants that did not come a second time. */
  readonly missed: readonly string[];
  readonly failures: readonly string[];
}

/** Kills what a scenario types at every instant that an undisturbed run of it has. */
export async function crashScenario(
  crew: ScenarioCrew,
  scenario: Scenario,
): Promise<ScenarioReport> {
  const { kube, alice, bin } = crew;
  const tally = { restored: 0, untouched: 0, missed: [] as string[], failures: [] as string[] };
  const open: Instant[] = [];
  let namespaces = 0;

  const laneAt = async (place: Place): Promise<Lane> => ({
    ...place,
    before: await readWorld(kube, place.namespace),
  });
  const deploy = async () => {
    namespaces += 1;
    const name = scenario.name.replaceAll(/[^a-z]+/g, '-').replace(/^-/, '');
    const namespace = `${name}-${namespaces}`;
    return await laneAt(await scenario.deploy(namespace));
  };
  const begin = async (lane: Lane) => {
    await scenario.prepare?.(lane);
    return { words: scenario.words(lane), kubeconfig: alice, bin };
  };
  const next = async (lane: Lane) => await laneAt(await scenario.settle(lane));

  let first = await deploy();
  open.push(...(await recordInstants(await begin(first))));
  first = await next(first);

  async function work(number: number): Promise<void> {
    let lane = number === 0 ? first : await deploy();
    for (let instant = open.shift(); instant !== undefined; instant = open.shift()) {
      try {
        const came = await killAt(await begin(lane), instant);
        if (!came) tally.missed.push(instant);
        const had = await scenario.restore(lane);
        if (came) tally[had ? 'restored' : 'untouched'] += 1;
        lane = await next(lane);
      } catch (error) {
        const { message } = error as Error;
        tally.failures.push(`${scenario.name}, ${instant} (${lane.namespace}): ${message}`);
        // What is broken stays as it is, for whoever looks; the others go on elsewhere.
        lane = await deploy();
      }
    }
    await removePlace(crew.kube, lane);
  }
  await Promise.all(Array.from({ length: crew.lanes }, (_, number) => work(number)));
  return { name: scenario.name, ...tally };
}

/** The state to which everything but a parting comes back. */
export async function asBefore(kube: Kube, lane: Lane): Promise<Place> {
  await awaitWorld(kube, lane.namespace, lane.before);
  return lane;
}
