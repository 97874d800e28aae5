import { waitsUntil } from './back-off.ts';
import type { ContainerRun } from './container-run.ts';

export interface Decision {
  /** Containers to start now. */
  readonly start: readonly ContainerRun[];
  /** Containers that must wait, and until when. */
  readonly backOff: readonly { readonly run: ContainerRun; readonly until: number }[];
  /** The Pod is done: nothing runs and nothing will be started. */
  readonly finished: boolean;
}

const NOTHING: Decision = { start: [], backOff: [], finished: false };

/** What to start next, from what each container is doing: init containers in order, then the others. */
export function decide(
  runs: readonly ContainerRun[],
  { restartPolicy, now }: { readonly restartPolicy: string; readonly now: number },
): Decision {
  const decisions: Decision[] = [];
  for (const run of runs.filter(isInit)) {
    if (run.role === 'init' && run.initialized) continue;
    // An init container counts Always as OnFailure.
    const failed = run.state.kind === 'terminated' && run.state.was.exitCode !== 0;
    if (run.role === 'init' && failed && !restarts(run, restartPolicy))
      return { ...NOTHING, finished: true };
    decisions.push(one(run, { policy: 'Always', now }));
    if (!run.initialized) return join(decisions);
  }
  const apps = runs.filter(({ role }) => role === 'app');
  for (const run of apps) decisions.push(one(run, { policy: restartPolicy, now }));
  for (const run of runs.filter(({ role }) => role === 'ephemeral'))
    decisions.push(one(run, { policy: 'Never', now }));
  const finished =
    apps.length > 0 &&
    apps.every((run) => run.state.kind === 'terminated' && !restarts(run, restartPolicy));
  return finished ? { ...NOTHING, finished } : join(decisions);
}

function isInit({ role }: ContainerRun): boolean {
  return role === 'init' || role === 'sidecar';
}

function one(
  run: ContainerRun,
  { policy, now }: { readonly policy: string; readonly now: number },
): Decision {
  if (run.state.kind === 'running' || run.stopping) return NOTHING;
  if (run.retryAt !== undefined && run.retryAt > now)
    return { ...NOTHING, backOff: [{ run, until: run.retryAt }] };
  const end = run.state.kind === 'terminated' ? run.state.was : run.last;
  if (run.changed) return { ...NOTHING, start: [run] };
  if (end === undefined) return { ...NOTHING, start: [run] };
  if (run.state.kind === 'terminated' && !restarts(run, policy)) return NOTHING;
  const until = waitsUntil(run.backOff, end.finishedAt);
  return until !== undefined && until > now
    ? { ...NOTHING, backOff: [{ run, until }] }
    : { ...NOTHING, start: [run] };
}

/** KEP-5307: a container's own policy, and its rules by exit code, come before the Pod's. */
interface RestartRules {
  readonly restartPolicy?: string;
  readonly restartPolicyRules?: readonly {
    readonly action?: string;
    readonly exitCodes?: { readonly operator?: string; readonly values?: readonly number[] };
  }[];
}

/** Whether a container that has ended is started again under this policy of its Pod. */
export function restarts(run: ContainerRun, podPolicy: string): boolean {
  if (run.changed || run.state.kind !== 'terminated') return true;
  const { exitCode } = run.state.was;
  const { restartPolicy, restartPolicyRules = [] }: RestartRules = run.container;
  const rule = restartPolicyRules.find(({ exitCodes }) => {
    const isListed = exitCodes?.values?.includes(exitCode) ?? false;
    return exitCodes?.operator === 'NotIn' ? !isListed : isListed;
  });
  if (rule) return rule.action === 'Restart' || rule.action === 'RestartAllContainers';
  const policy = (run.role !== 'sidecar' && restartPolicy) || podPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function join(decisions: readonly Decision[]): Decision {
  return {
    start: decisions.flatMap(({ start }) => start),
    backOff: decisions.flatMap(({ backOff }) => backOff),
    finished: false,
  };
}
