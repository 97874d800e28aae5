import type { ServiceStatus, RecordedSession, StatusReport } from '../../engine/index.ts';
import { formatAge } from '../duration.ts';
import { renderTable } from './table.ts';

export interface StatusOptions {
  readonly nowMs: number;
  readonly wide: boolean;
  /** A first column says the namespace. */
  readonly namespaces?: boolean | undefined;
  readonly headers?: boolean | undefined;
}

/** A tree of who serves each Service, a table of who is out, and what is wrong with either. */
export function renderStatus(report: StatusReport, options: StatusOptions): string {
  const parts: string[] = [];
  if (report.services.length > 0) parts.push(serviceTree(report, options));
  if (report.sessions.length > 0) parts.push(sessionTable(report.sessions, options));
  const problems = [
    ...report.sessions.flatMap(({ pod, problems: of }) => of.map((each) => `pod/${pod}: ${each}`)),
    ...report.problems,
  ];
  if (problems.length > 0) parts.push(problems.map((problem) => `! ${problem}\n`).join(''));
  return parts.join('\n');
}

/** One line of the tree: its name with the branches before it, and what stands in its columns. */
interface Line {
  readonly name: string;
  readonly address?: string;
  readonly state: string;
  readonly more?: string;
}

function serviceTree(report: StatusReport, { nowMs, wide, headers, namespaces }: StatusOptions) {
  const rows = report.services.flatMap((service) =>
    serviceLines(service, report.sessions, nowMs).map(({ name, address, state, more }) => [
      ...(namespaces ? [service.namespace] : []),
      name,
      address ?? '',
      state,
      ...(wide ? [more ?? ''] : []),
    ]),
  );
  const heads = [
    ...(namespaces ? ['NAMESPACE'] : []),
    'SERVICE/SLICE/POD',
    'ADDRESS',
    'STATE',
    ...(wide ? ['SELECTOR/MANAGER/SESSION'] : []),
  ];
  return renderTable(heads, rows, { headers });
}

function serviceLines(
  service: ServiceStatus,
  sessions: readonly RecordedSession[],
  nowMs: number,
): readonly Line[] {
  const { name, namespace, slices, endpoints } = service;
  const listed = new Set(endpoints.map(({ pod }) => pod));
  const near = sessions.filter((held) => held.namespace === namespace);
  const out = near.filter((held) => held.services.includes(name) && !listed.has(held.pod));
  const branches: (readonly Line[])[] = [
    ...slices.map((slice) => sliceLines(slice, endpoints, near)),
    ...out.map((held) => [outLine(held, nowMs)]),
  ];
  return [
    { name: `service/${name}`, state: summaryOf(service, out.length), more: selectorOf(service) },
    ...branches.flatMap((lines, at) => branch(lines, at === branches.length - 1)),
  ];
}

function sliceLines(
  { name, managedBy }: ServiceStatus['slices'][number],
  endpoints: ServiceStatus['endpoints'],
  sessions: readonly RecordedSession[],
): readonly Line[] {
  const own = endpoints.filter(({ slice }) => slice === name);
  const pods = own.map((endpoint): Line => {
    const held = sessions.find(({ pod }) => pod === endpoint.pod);
    return {
      name: endpoint.pod === undefined ? '<no pod>' : `pod/${endpoint.pod}`,
      address: endpoint.address,
      state: stateOf(endpoint),
      ...(held && { more: `session ${held.id}` }),
    };
  });
  return [
    {
      name: `endpointslice/${name}`,
      state: own.length === 0 ? 'Empty' : '',
      more: `managed by ${managedBy || 'nobody'}`,
    },
    ...pods.flatMap((line, at) => branch([line], at === pods.length - 1)),
  ];
}

function branch([head, ...rest]: readonly Line[], isLast: boolean): readonly Line[] {
  if (!head) return [];
  return [
    { ...head, name: `${isLast ? '└─ ' : '├─ '}${head.name}` },
    ...rest.map((line) => ({ ...line, name: `${isLast ? '   ' : '│  '}${line.name}` })),
  ];
}

function outLine({ pod, phase, since, id, records }: RecordedSession, nowMs: number): Line {
  const isHeld = records.includes(`pod/${pod}`);
  const state = !isHeld ? 'Left behind' : phase === 'returning' ? 'Returning' : 'Out';
  return { name: `pod/${pod}`, state: `${state} (${age(since, nowMs)})`, more: `session ${id}` };
}

/** A Pod is one, under however many addresses and in however many slices it is listed. */
function summaryOf({ endpoints }: ServiceStatus, out: number): string {
  const keys = (all: ServiceStatus['endpoints']) =>
    new Set(all.map(({ pod, address }) => pod ?? address)).size;
  const all = keys(endpoints);
  const held = out > 0 ? `, ${out} out` : '';
  if (all === 0) return `no endpoints${held}`;
  return `${keys(endpoints.filter(({ ready }) => ready))} of ${all} ready${held}`;
}

function stateOf({ ready, terminating, podGone }: ServiceStatus['endpoints'][number]): string {
  const state = terminating ? 'Terminating' : ready ? 'Ready' : 'NotReady';
  return podGone ? `${state}, but the Pod is gone` : state;
}

function selectorOf({ selector, heldBy }: ServiceStatus): string {
  const pairs = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const held = heldBy.length > 0 ? ` (held by session ${heldBy.join(', ')})` : '';
  return `${pairs.join(',') || '<none>'}${held}`;
}

function sessionTable(sessions: readonly RecordedSession[], options: StatusOptions): string {
  const { nowMs, wide, headers, namespaces } = options;
  const heads = [
    ...(namespaces ? ['NAMESPACE'] : []),
    'POD OUT',
    'SINCE',
    'UNTIL',
    'ROUTE',
    'DIAGNOSTIC',
    'BY',
    ...(wide ? ['SESSION', 'RECORDED ON'] : []),
  ];
  const rows = sessions.map((held) => [
    ...(namespaces ? [held.namespace] : []),
    held.pod,
    age(held.since, nowMs),
    until(held, nowMs),
    held.route,
    held.diagnostic,
    held.by,
    ...(wide ? [held.id, held.records.join(',')] : []),
  ]);
  return renderTable(heads, rows, { headers });
}

function age(since: string, nowMs: number): string {
  return formatAge(nowMs - Date.parse(since));
}

/** Only `isolate` leaves a deadline: a running session ends when its work does. */
function until(held: RecordedSession, nowMs: number): string {
  const { deadline, overdue, stale, renewedAt = '' } = held;
  if (overdue) return 'overdue';
  if (stale) return `silent for ${age(renewedAt, nowMs)}`;
  return deadline === undefined ? 'while it runs' : `in ${formatAge(Date.parse(deadline) - nowMs)}`;
}
