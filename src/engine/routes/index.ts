import type { RouteName } from '../plan/plan.ts';
import { gate } from './gate.ts';
import { relabel } from './relabel.ts';
import { release } from './release/release.ts';
import type { Route } from './route.ts';
import { selector } from './selector/selector.ts';

/** Every route by its name; `plan` chooses, the steps carry out. */
export const routes: Readonly<Record<RouteName, Route>> = {
  none: relabel,
  label: relabel,
  gate,
  release,
  selector,
};
