import { formatSize, type FleetPlan, type FleetResult, type Session } from '../../engine/index.ts';
import { formatElapsed } from '../duration.ts';
import { refusals } from '../refusals.ts';
import { renderTable } from './table.ts';

/** The document of `run --all -o json`. */
export function sessionList({ sessions, refused, skipped }: FleetResult): object {
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'SessionList',
    items: sessions,
    refused,
    skipped,
  };
}

/** One line a Pod: what came of it, how long it was out, and what it brought home. */
export function renderFleet(
  { sessions, refused, skipped }: FleetResult,
  { wide }: { readonly wide: boolean },
): string {
  const heads = [
    'POD',
    'RESULT',
    'ROUTE',
    'TIME',
    'SIZE',
    'ARTIFACT',
    ...(wide ? ['SESSION'] : []),
  ];
  const none = ['<none>', '<none>', '<none>', '<none>'];
  const rows = [
    ...sessions.map((session) => [
      session.spec.pod,
      result(session),
      session.spec.route,
      time(session),
      size(session),
      session.status.artifact?.path ?? '<none>',
      ...(wide ? [session.metadata.name] : []),
    ]),
    ...refused.map(({ pod }) => [pod || '<unknown>', 'Refused', ...none]),
    ...skipped.map(({ pod }) => [pod, 'Skipped', ...none]),
  ];
  return rows.length === 0 ? '' : renderTable(heads, rows);
}

/** The document of `run --all --dry-run -o json`. */
export function planList({ plans, refused }: FleetPlan): object {
  return { apiVersion: 'pitstop.dev/v1alpha1', kind: 'PlanList', items: plans, refused };
}

/** One line a Pod: how it would leave, with what, and what refuses it as all is now. */
export function renderPlans(
  { plans, refused }: FleetPlan,
  { wide }: { readonly wide: boolean },
): string {
  const heads = [
    'POD',
    'ROUTE',
    'DIAGNOSTIC',
    'REFUSED BY',
    ...(wide ? ['SERVICES', 'WRITES'] : []),
  ];
  const rows = [
    ...plans.map((plan) => [
      plan.spec.pod,
      plan.status.route.name,
      plan.status.diagnostic,
      refusals(plan).join(',') || '<none>',
      ...(wide
        ? [
            plan.status.services.map(({ name }) => name).join(',') || '<none>',
            plan.status.dryRun?.map(({ object, verdict }) => `${object}: ${verdict}`).join(', ') ??
              '<not sent>',
          ]
        : []),
    ]),
    ...refused.map(({ pod, code }) => [pod, '<none>', '<none>', code]),
  ];
  return rows.length === 0 ? '' : renderTable(heads, rows);
}

function result({ status }: Session): string {
  return status.podOut ? `${status.phase}, STILL OUT` : status.phase;
}

function time({ metadata, status }: Session): string {
  const ends = status.steps.flatMap(({ finishedAt }) => (finishedAt ? Date.parse(finishedAt) : []));
  if (ends.length === 0) return '<none>';
  return formatElapsed(Math.max(...ends) - Date.parse(metadata.creationTimestamp));
}

function size({ status: { artifact } }: Session): string {
  return artifact ? formatSize(artifact.sizeBytes) : '<none>';
}
