import { PitstopError } from '../errors.ts';
import { heldIn } from '../session/find-held.ts';
import type { NamespaceWorld } from './world.ts';

/** The sessions that a Pod is out for, or on its way home from. */
export function sessionIds({ pods }: Pick<NamespaceWorld, 'pods'>): ReadonlySet<string> {
  return new Set(
    heldIn(pods).flatMap(({ record }) => (record instanceof PitstopError ? [] : [record.id])),
  );
}
