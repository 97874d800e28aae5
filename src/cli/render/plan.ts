import { styleText } from 'node:util';
import { entryObject, formatSize, plural, type Plan } from '../../engine/index.ts';
import { exitCodes } from '../exit-code.ts';
import type { Output } from '../io.ts';
import { refusals } from '../refusals.ts';
import { renderFacts, type Fact } from './summary.ts';

type Status = Plan['status'];
type Service = Status['services'][number];

interface PlanView {
  readonly stream: Output;
  /** The command that does what the plan says. */
  readonly next: string;
  /** Also what is there but decides nothing: selectors, slices, and per Service why not otherwise. */
  readonly wide?: boolean;
}

/** A plan for people: what would happen, why, and what refuses it. */
export function renderPlan(plan: Plan, view: PlanView): string {
  const { stream } = view;
  const { metadata, spec, status } = plan;
  const facts: Fact[] = [
    ['Container', spec.container],
    ['Owner', describeOwner(status.owner)],
    ...named('Services', describeServices(status.services, view.wide ?? false), 'none reaches it'),
    ['Route', styleText('bold', status.route.name, { stream })],
    ...status.route.reasons.map((reason): Fact => ['', reason]),
    ...rejections(status.route.rejected).map((line): Fact => ['', line]),
    ...named('Writes', describeWrites(plan), 'only the undo record'),
    ['If it crashes', `${status.ifCrashed}; restore brings all back`],
    ['Diagnostic', status.diagnostic],
    ...describeEstimate(status.estimate).map((line): Fact => ['', line]),
    ...(status.warnings.length > 0 ? named('Warnings', status.warnings, '') : []),
  ];
  const title = `Plan for pod ${metadata.namespace}/${metadata.name}`;
  return `${styleText('bold', title, { stream })}\n${renderFacts(facts, stream)}${verdict(plan, view)}`;
}

/** Routes that are rejected for one reason, in one line. */
function rejections(rejected: Status['route']['rejected']): readonly string[] {
  const names = new Map<string, string[]>();
  for (const { name, reason } of rejected) names.set(reason, [...(names.get(reason) ?? []), name]);
  return [...names].map(([reason, all]) => `not ${all.join(', ')}: ${reason}`);
}

function describeOwner(owner: Status['owner']): string {
  if (!owner) return 'none';
  const { kind, name, desiredReplicas, ownedBy } = owner;
  const replicas = desiredReplicas === undefined ? '' : ` (${plural(desiredReplicas, 'replica')})`;
  return `${kind} ${name}${replicas}${ownedBy ? `, owned by ${ownedBy}` : ''}`;
}

/** One line each, in columns; `wide` adds lines for what stands behind it. */
function describeServices(services: readonly Service[], wide: boolean): readonly string[] {
  const rows = services.map((service) => [
    service.name,
    [...natureOf(service), portsOf(service)].join(', '),
    `${service.readyEndpoints} ready, ${service.readyOthers} without the Pod`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return services.flatMap((service, at) => [
    [
      ...rows[at]!.map((cell, column) => cell.padEnd(widths[column]!)),
      service.leavesBy.map(({ by, how }) => `${by}: ${how}`).join('; '),
    ].join('  '),
    ...(wide ? behind(service) : []),
  ]);
}

function natureOf(service: Service): readonly string[] {
  const { type, headless, externalIPs, selector, publishNotReadyAddresses: publishes } = service;
  return [
    ...(headless ? ['headless'] : type === 'ClusterIP' ? [] : [type]),
    ...(externalIPs ? [`at ${externalIPs.join(' ')}`] : []),
    ...(selector ? [] : ['no selector']),
    ...(publishes ? ['ready or not'] : []),
  ];
}

function portsOf({ ports }: Service): string {
  const named = ports.map(
    ({ port, targetPort, protocol }) => `${port}→${targetPort}${protocol ? `/${protocol}` : ''}`,
  );
  return named.join(' ') || 'no port';
}

function behind({ selector, slices, managedBy, rejected = [] }: Service): readonly string[] {
  const pairs = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`);
  return [
    ...(pairs.length > 0 ? [`  selects ${pairs.join(',')}`] : []),
    slices.length > 0
      ? `  in ${slices.join(', ')}, managed by ${managedBy.map((by) => by || 'nobody').join(', ')}`
      : '  in no slice',
    ...rejections(rejected).map((line) => `  ${line}`),
  ];
}

function describeWrites({ spec, status }: Plan): readonly string[] {
  const { labels, conditions = [], selectors = {}, entries, dryRun } = status;
  if (dryRun) {
    return dryRun.map(({ object, verdict, message }) =>
      [
        `${object}: ${verdict === 'accepted' ? 'accepted by the server (dry run)' : 'not checked'}`,
        ...(message ? [message] : []),
      ].join(': '),
    );
  }
  const pod = [
    ...Object.entries(labels).map(([key, value]) =>
      value === null ? `label ${key} removed` : `label ${key}=${value}`,
    ),
    ...conditions.map((type) => `condition ${type} False`),
  ];
  return [
    ...(pod.length > 0 ? [`pod/${spec.pod}: ${pod.join(', ')}`] : []),
    ...Object.keys(selectors).map((name) => `service/${name}: selector saved and removed`),
    ...entries.map(
      (entry) => `${entryObject(entry)}: ${entry.addresses.join(', ')} taken out (${entry.reason})`,
    ),
  ];
}

/** What it may need at worst, beside what there is. */
function describeEstimate(estimate: Status['estimate']): readonly string[] {
  if (!estimate) return [];
  const { pauseMs, livenessBudgetMs, sizeBytes, directory, freeBytes, basis } = estimate;
  const restarted =
    livenessBudgetMs && ` (the kubelet restarts it after ${seconds(livenessBudgetMs)})`;
  const free = freeBytes === undefined ? '' : ` (${formatSize(freeBytes)} free)`;
  return [
    [
      ...(pauseMs === undefined
        ? []
        : [`stands still for up to ${seconds(pauseMs)}${restarted ?? ''}`]),
      ...(sizeBytes === undefined
        ? []
        : [`writes up to ${formatSize(sizeBytes)}${directory ? ` to ${directory}${free}` : ''}`]),
    ].join(', '),
    `for ${basis}`,
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

function named(name: string, lines: readonly string[], none: string): Fact[] {
  const [first = none, ...rest] = lines;
  return [[name, first], ...rest.map((line): Fact => ['', line])];
}

function verdict(plan: Plan, { stream, next }: PlanView): string {
  const { status } = plan;
  const lines = status.interlocks.flatMap((interlock) => {
    const { name, object, message, overridable, overridden, hint } = interlock;
    const way = overridable ? `override with --override=${name}` : `${name}: cannot be overridden`;
    const mark = overridden ? '-' : styleText('red', '✗', { stream });
    return [
      `  ${mark} ${object}: ${message} (${overridden ? `${name}: overridden` : way})`,
      ...(hint && !overridden ? [`      ${hint}`] : []),
    ];
  });
  if (refusals(plan).length > 0) return refusal(plan, lines, { stream, next });
  const heading =
    lines.length > 0
      ? ['Interlocks, all overridden:', ...lines, '', 'To go:']
      : ['Nothing is in the way. To go:'];
  return `\n${heading.join('\n')}\n  ${next}\n`;
}

/** What a run would say instead of going, and what goes nonetheless. */
function refusal(
  { status }: Plan,
  interlocks: readonly string[],
  { stream, next }: PlanView,
): string {
  const { refused } = status;
  const mark = styleText('red', '✗', { stream });
  const isFree = status.interlocks.every(({ overridden }) => overridden);
  const lines = [
    `A pit stop would be refused (exit code ${exitCodes.refused}):`,
    ...interlocks,
    ...(refused
      ? [
          `  ${mark} ${refused.code}: ${refused.message.replaceAll('\n', '\n    ')}`,
          ...(refused.hint === undefined ? [] : [`      hint: ${refused.hint}`]),
        ]
      : []),
    ...(isFree && status.diagnostic === 'none' ? ['', 'Only out of traffic:', `  ${next}`] : []),
  ];
  return `\n${lines.join('\n')}\n`;
}
