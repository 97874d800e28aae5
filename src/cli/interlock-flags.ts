import { InvalidArgumentError, Option } from 'commander';
import type { MinReady } from '../engine/index.ts';
import { list } from './flags.ts';

/** What can be overridden, as the engine knows it: help must not load the engine. */
export const overridable = [
  'owner-gone',
  'static-pod',
  'not-running',
  'not-ready',
  'host-network',
  'rollout',
  'statefulset-ordinal',
  'last-endpoint',
  'foreign-entry',
  'gitops-service',
  'pdb',
  'hpa-scale-down',
  'liveness-budget',
  'disk',
  'memory',
  'ephemeral-storage',
] as const;

/** The flags about what may refuse a stop. */
export function interlockOptions(): readonly Option[] {
  return [
    list(
      '--override <INTERLOCK>',
      `Go although this interlock refuses; may be repeated. One of ${overridable.join(', ')}`,
    ),
    new Option(
      '--min-ready <N|%>',
      'Ready endpoints that must remain in each Service, as a number or percent of those now (default: 1)',
    ).argParser(toMinReady),
  ];
}

function toMinReady(value: string): MinReady {
  const [, number, percent] = /^=?(\d+)(%?)$/.exec(value) ?? [];
  if (number === undefined || (percent && Number(number) > 100)) {
    throw new InvalidArgumentError('A number like 2, or percent like 50%, is needed.');
  }
  return percent ? { percent: Number(number) } : { count: Number(number) };
}
