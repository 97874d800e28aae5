import type { StatusReport } from './report.ts';

/** What a status is narrowed to: one Service, or Pods by name. */
export type StatusScope = { readonly service: string } | { readonly pods: ReadonlySet<string> };

/** Only what concerns one Service, or some Pods and the Services that list them or have lost them. */
export function narrowStatus(report: StatusReport, scope: StatusScope): StatusReport {
  if ('service' in scope) {
    const { service } = scope;
    return {
      ...report,
      services: report.services.filter(({ name }) => name === service),
      sessions: report.sessions.filter(({ services }) => services.includes(service)),
    };
  }
  const { pods } = scope;
  const sessions = report.sessions.filter(({ pod }) => pods.has(pod));
  const left = new Set(sessions.flatMap(({ services }) => services));
  return {
    ...report,
    services: report.services.filter(
      ({ name, endpoints }) =>
        left.has(name) || endpoints.some(({ pod }) => pod !== undefined && pods.has(pod)),
    ),
    sessions,
  };
}
