import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube } from '../../kube/index.ts';
import { diagnose, isSame } from './diagnose.ts';
import type { Finding } from './finding.ts';
import { readObjects, readWorld, type WorldRequest } from './read-world.ts';
import { heldIn } from '../session/find-held.ts';
import type { Environment, World } from './world.ts';

/** What the doctor saw and found (`kubectl pitstop doctor`). */
export interface Examination {
  readonly environment: Environment;
  readonly looked: {
    readonly namespaces: number;
    readonly services: number;
    readonly pods: number;
    /** Pods that a session has out at this moment, whatever is to be said about it. */
    readonly out: number;
  };
  readonly findings: readonly Finding[];
}

/** Controllers answer in a second (an edited slice is put right after one); what stays is not passing. */
const secondLookMs = 3_000;

/**
 * Looks at the machine, the way to the cluster and everything in the namespaces; touches nothing. What
 * a controller may just be about to put right is looked at twice.
 */
export async function examine(
  kube: Kube,
  request: WorldRequest,
  signal: AbortSignal,
): Promise<Examination> {
  const world = await readWorld(kube, request, signal);
  return await reexamine(kube, request, world, signal);
}

/** The same of a world already read, after a second look where one is due. */
async function reexamine(
  kube: Kube,
  request: WorldRequest,
  world: World,
  signal: AbortSignal,
): Promise<Examination> {
  const first = diagnose(world);
  if (!first.some(({ passing }) => passing)) return examination(world, first);
  await sleep(secondLookMs, undefined, { signal });
  const { environment, files, shut } = world;
  const objects = await readObjects(kube, { ...request, files: false }, signal);
  const later = { environment, ...objects, files, shut };
  // What it is now counts; what passes must have been there before.
  const findings = diagnose(later).filter(
    (finding) => !finding.passing || first.some((before) => isSame(before, finding)),
  );
  return examination(later, findings);
}

function examination(
  { environment, namespaces }: World,
  findings: readonly Finding[],
): Examination {
  const count = (of: 'services' | 'pods') =>
    namespaces.reduce((sum, each) => sum + each[of].length, 0);
  return {
    environment,
    looked: {
      namespaces: namespaces.length,
      services: count('services'),
      pods: count('pods'),
      out: namespaces.reduce((sum, each) => sum + heldIn(each.pods).length, 0),
    },
    findings,
  };
}
