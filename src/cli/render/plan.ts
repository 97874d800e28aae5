import { styleText } from 'node:util';
import type { Plan } from '../../engine/index.ts';
import type { Output } from '../io.ts';
import { plural } from '../../engine/index.ts';
import { renderFacts, type Fact } from './summary.ts';

/** A plan for people: what would happen, why, and what refuses it. */
export function renderPlan(plan: Plan, stream: Output): string {
  const { metadata, spec, status } = plan;
  const facts: Fact[] = [
    ['Container', spec.container],
    ['Owner', describeOwner(status.owner)],
    ...named('Services', status.services.map(describeService), 'none sends it traffic'),
    ['Route', status.route.name],
    ...status.route.reasons.map((reason): Fact => ['', reason]),
    ...status.route.rejected.map(({ name, reason }): Fact => ['', `not ${name}: ${reason}`]),
    ...named('Labels', Object.entries(status.labels).map(describeLabel), 'none is changed'),
    ['Diagnostic', status.diagnostic],
    ...named('Warnings', status.warnings, 'none'),
  ];
  const title = `Plan for pod ${metadata.namespace}/${metadata.name}`;
  return `${styleText('bold', title, { stream })}\n${renderFacts(facts, stream)}${verdict(plan, stream)}`;
}

function describeOwner(owner: Plan['status']['owner']): string {
  if (!owner) return 'none';
  const replicas =
    owner.desiredReplicas === undefined ? '' : ` (${plural(owner.desiredReplicas, 'replica')})`;
  return `${owner.kind} ${owner.name}${replicas}`;
}

function describeService({
  name,
  ports,
  slices,
  readyEndpoints,
  readyOthers,
}: Plan['status']['services'][number]): string {
  const targets = ports.map(({ port, targetPort }) => `${port}→${targetPort}`).join(', ');
  return `${name} (${targets}): ${readyEndpoints} ready now, ${readyOthers} without this Pod; in ${slices.join(', ') || 'no slice'}`;
}

function describeLabel([key, value]: readonly [string, string | null]): string {
  return value === null ? `${key} is removed` : `${key}=${value}`;
}

function named(name: string, lines: readonly string[], none: string): Fact[] {
  const [first = none, ...rest] = lines;
  return [[name, first], ...rest.map((line): Fact => ['', line])];
}

function verdict({ status }: Plan, stream: Output): string {
  if (status.interlocks.length === 0) return '\nNothing is in the way.\n';
  const lines = status.interlocks.map(({ name, object, message, overridable, overridden }) => {
    const way = overridable ? `override with --override=${name}` : 'cannot be overridden';
    const text = `${object}: ${message} (${overridden ? 'overridden' : way})`;
    return overridden ? `  - ${text}` : `  ${styleText('red', '✗', { stream })} ${text}`;
  });
  const refused = status.interlocks.some(({ overridden }) => !overridden);
  const heading = refused ? 'A pit stop would be refused:' : 'Interlocks, all overridden:';
  return `\n${heading}\n${lines.join('\n')}\n`;
}
