import type { Finding, Severity } from './finding.ts';
import { findDeadAddresses } from './findings/dead-address.ts';
import { findDeletionCosts } from './findings/deletion-cost.ts';
import { findEditedEndpoints } from './findings/endpoints-edited.ts';
import { checkEnvironment } from './findings/environment.ts';
import { findForeignSlices } from './findings/foreign-slice.ts';
import { findHeldGates } from './findings/gate-held.ts';
import { findRunningHelpers } from './findings/helper-running.ts';
import { findListedElsewhere } from './findings/listed-elsewhere.ts';
import { findMirroredLeftovers } from './findings/mirrored-leftover.ts';
import { findShutContainers, findUnlistedKinds } from './findings/not-looked-at.ts';
import { findOrphanedPods } from './findings/orphaned-pod.ts';
import { findMissingRights } from './findings/rbac.ts';
import { findOrphanedRecords } from './findings/record-orphaned.ts';
import { findRemovedSelectors } from './findings/selector-removed.ts';
import { findSessionFiles } from './findings/session-files.ts';
import { findSessions } from './findings/sessions.ts';
import { findStaleSlices } from './findings/stale-slice.ts';
import type { World } from './world.ts';

/** All that is wrong in a world, the worst first; decides from what was read alone. */
export function diagnose(world: World): readonly Finding[] {
  const { environment, nowMs, namespaces } = world;
  const found = [
    ...namespaces.flatMap((each) => [
      ...findRemovedSelectors(each),
      ...findMirroredLeftovers(each),
      ...findForeignSlices(each),
      ...findDeadAddresses(each),
      ...findStaleSlices(each, nowMs),
      ...findEditedEndpoints(each),
      ...findSessions(each, nowMs),
      ...findOrphanedRecords(each),
      ...findHeldGates(each),
      ...findOrphanedPods(each),
      ...findDeletionCosts(each),
      ...findRunningHelpers(each),
    ]),
    ...findListedElsewhere(world),
    ...findSessionFiles(world),
    ...checkEnvironment(environment),
    ...findMissingRights(environment),
    ...findUnlistedKinds(world),
    ...findShutContainers(world),
  ];
  return found.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

const severities: readonly Severity[] = ['error', 'warning', 'note'];

/** Whether two looks have found the same thing on the same object. */
export function isSame(a: Finding, b: Finding): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.object === b.object;
}
