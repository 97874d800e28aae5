import { PitstopError } from '../../errors.ts';
import type { Interlock, Plan } from '../plan.ts';

/** Throws for the interlocks that nobody overrode, with what to do about each. */
export function refuseInterlocked(plan: Plan): void {
  const blocking = plan.status.interlocks.filter(({ overridden }) => !overridden);
  if (blocking.length === 0) return;
  throw new PitstopError('interlock', blocking.map(interlockLine).join('\n'), {
    hint: hintFor(plan, blocking),
  });
}

function interlockLine({ name, object, message }: Interlock): string {
  return `interlock ${name}: ${object}: ${message}`;
}

/** The way of each that needs no override, then the flags, if they are enough. */
function hintFor(plan: Plan, blocking: readonly Interlock[]): string {
  const { name, namespace } = plan.metadata;
  const final = blocking.filter(({ overridable }) => !overridable);
  const ways = [
    ...new Set((final.length > 0 ? final : blocking).flatMap(({ hint }) => hint ?? [])),
  ];
  if (final.length > 0) {
    return ways.length > 0 ? ways.join('\n') : `kubectl get pod ${name} -n ${namespace}`;
  }
  const flags = [...new Set(blocking.map((interlock) => `--override=${interlock.name}`))].join(' ');
  return ways.length > 0 ? `${ways.join('\n')}\nor, at your own risk: ${flags}` : flags;
}
