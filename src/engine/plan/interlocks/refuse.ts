import { PitstopError } from '../../errors.ts';
import type { Interlock, Plan } from '../plan.ts';
import type { SessionRequest } from '../request.ts';
import type { Reach } from '../traffic.ts';
import type { Finding } from './finding.ts';
import { publishes } from './service.ts';

/** Throws for the interlocks that nobody overrode, with what to do about each. */
export function refuseInterlocked(plan: Plan): void {
  const blocking = plan.status.interlocks.filter(({ overridden }) => !overridden);
  if (blocking.length === 0) return;
  throw new PitstopError('interlock', blocking.map(interlockLine).join('\n'), {
    hint: hintFor(plan, blocking),
  });
}

/** Throws where route gate alone was asked for, and a Service lists its Pods ready or not. */
export function refuseGate({ route }: SessionRequest, reach: readonly Reach[]): void {
  if (route !== 'gate') return;
  const publishing = reach.filter(({ service }) => service.spec?.publishNotReadyAddresses);
  const findings = publishing.map(({ service }) => publishes(service.metadata?.name ?? ''));
  const [first] = findings;
  if (!first) return;
  throw new PitstopError('interlock', findings.map(interlockLine).join('\n'), {
    hint: first.hint,
  });
}

function interlockLine({ name, object, message }: Finding): string {
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
