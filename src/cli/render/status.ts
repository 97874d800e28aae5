import type { HeldPod, ServiceStatus, StatusReport } from '../../engine/index.ts';
import { formatAge } from '../duration.ts';
import { renderTable } from './table.ts';

export interface StatusOptions {
  readonly nowMs: number;
  readonly wide: boolean;
  /** A first column says the namespace. */
  readonly namespaces?: boolean | undefined;
  readonly headers?: boolean | undefined;
}

/** Two tables in kubectl's look: who serves each Service, and which Pods are out. */
export function renderStatus(report: StatusReport, options: StatusOptions): string {
  const tables: string[] = [];
  if (report.services.length > 0) tables.push(endpointTable(report, options));
  if (report.sessions.length > 0) tables.push(sessionTable(report.sessions, options));
  return tables.join('\n');
}

function endpointTable(report: StatusReport, { wide, headers, namespaces }: StatusOptions): string {
  const place = ({ namespace }: ServiceStatus) => (namespaces ? [namespace] : []);
  const heads = [
    ...(namespaces ? ['NAMESPACE'] : []),
    'SERVICE',
    'POD',
    'ADDRESS',
    'STATE',
    ...(wide ? ['SLICE', 'SELECTOR'] : []),
  ];
  const rows = report.services.flatMap((service) => {
    const listed = service.endpoints.map((endpoint) => [
      ...place(service),
      service.name,
      endpoint.pod ?? '<none>',
      endpoint.address,
      state(endpoint),
      ...(wide ? [endpoint.slice, selector(service)] : []),
    ]);
    const names = new Set(service.endpoints.map(({ pod }) => pod));
    const out = report.sessions
      .filter(
        ({ namespace, pod, services }) =>
          namespace === service.namespace && services.includes(service.name) && !names.has(pod),
      )
      .map(({ pod }) => [
        ...place(service),
        service.name,
        pod,
        '<none>',
        'Out',
        ...(wide ? ['<none>', selector(service)] : []),
      ]);
    if (listed.length + out.length > 0) return [...listed, ...out];
    const empty = [...place(service), service.name, '<none>', '<none>', 'NoEndpoints'];
    return [[...empty, ...(wide ? ['<none>', selector(service)] : [])]];
  });
  return renderTable(heads, rows, { headers });
}

function state({ ready, terminating }: ServiceStatus['endpoints'][number]): string {
  if (terminating) return 'Terminating';
  return ready ? 'Ready' : 'NotReady';
}

function selector(service: ServiceStatus): string {
  const pairs = Object.entries(service.selector).map(([key, value]) => `${key}=${value}`);
  return pairs.join(',') || '<none>';
}

function sessionTable(sessions: readonly HeldPod[], options: StatusOptions): string {
  const { nowMs, wide, headers, namespaces } = options;
  const heads = [
    ...(namespaces ? ['NAMESPACE'] : []),
    'POD OUT',
    'SINCE',
    'DEADLINE',
    'ROUTE',
    'DIAGNOSTIC',
    'BY',
  ];
  const rows = sessions.map((held) => [
    ...(namespaces ? [held.namespace] : []),
    held.pod,
    held.since ? formatAge(nowMs - Date.parse(held.since)) : '<unknown>',
    deadline(held, nowMs),
    held.route,
    held.diagnostic,
    held.by,
    ...(wide ? [held.id] : []),
  ]);
  return renderTable(wide ? [...heads, 'SESSION'] : heads, rows, { headers });
}

function deadline({ deadline: at, overdue }: HeldPod, nowMs: number): string {
  if (at === undefined) return '<none>';
  return overdue ? 'overdue' : `in ${formatAge(Date.parse(at) - nowMs)}`;
}
