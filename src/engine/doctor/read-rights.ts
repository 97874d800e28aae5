import type { Kube } from '../../kube/index.ts';
import { requiredRules, type AccessNeeds, type AccessRule } from '../access/required-rules.ts';
import { reviewAccess } from '../access/review-access.ts';
import { roleFor, roleYaml } from '../access/role.ts';
import { ruleKey } from './rule-key.ts';

/** What the user's permissions keep from working. */
export interface Rights {
  /** As the server knows him. */
  readonly user: string;
  /** Empty = in all namespaces. */
  readonly namespace: string;
  readonly lacking: readonly {
    /** `routes label and release`, `diagnostics`, … */
    readonly task: string;
    /** Without it no pit stop is possible; the others are for who asks for them. */
    readonly isNeeded: boolean;
    readonly rules: readonly AccessRule[];
  }[];
  /** Rules that sessions do without, saying so. */
  readonly pities: readonly AccessRule[];
}

const ownerKinds = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'ReplicationController',
  'Job',
];

interface Task {
  readonly task: string;
  readonly isNeeded: boolean;
  readonly needs: AccessNeeds;
}

const tasks: readonly Task[] = [
  {
    task: 'routes label and release',
    isNeeded: true,
    needs: { route: 'release', ownerKinds },
  },
  { task: 'diagnostics', isNeeded: true, needs: { route: 'none', execs: true } },
  { task: 'route gate', isNeeded: false, needs: { route: 'gate' } },
  { task: 'hand-made entries', isNeeded: false, needs: { route: 'label', editsEntries: true } },
  { task: 'route selector', isNeeded: false, needs: { route: 'selector' } },
];

/** What the doctor itself lists, besides what a session reads; he does without, and says so. */
const ownRules: readonly AccessRule[] = [
  ['', 'endpoints'],
  ['apps', 'deployments'],
  ['apps', 'replicasets'],
  ['apps', 'statefulsets'],
  ['apps', 'daemonsets'],
].map(([group = '', resource = '']) => ({ group, resource, verb: 'list' }));

interface Where {
  readonly namespace: string;
  readonly serverMinor: number | undefined;
}

/** Asks the server what the user may do, for each thing that pitstop does. */
export async function readRights(
  kube: Kube,
  { namespace, serverMinor }: Where,
  signal: AbortSignal,
): Promise<Rights> {
  const wanted = tasks.map((each) => ({ ...each, rules: rulesOf(each, serverMinor) }));
  const rules = distinct(wanted.flatMap((each) => each.rules));
  const { user, missing } = await reviewAccess(kube, namespace, rules, signal);
  const isMissing = new Set(missing.map(ruleKey));
  const lacking = wanted.map(({ task, isNeeded, rules: all }) => ({
    task,
    isNeeded,
    rules: all.filter((rule) => isMissing.has(ruleKey(rule)) && rule.optional === undefined),
  }));
  return {
    user,
    namespace,
    lacking: lacking.filter((each) => each.rules.length > 0),
    pities: missing.filter(({ optional }) => optional !== undefined),
  };
}

/** A Role with all that pitstop can make use of, and its binding to the user, as YAML. */
export async function printableRole(kube: Kube, signal: AbortSignal): Promise<string> {
  const { namespace } = kube;
  const [{ minor }, { user }] = await Promise.all([
    kube.version({ signal }),
    reviewAccess(kube, namespace, [], signal),
  ]);
  const rules = distinct([...tasks.flatMap((task) => rulesOf(task, minor)), ...ownRules]);
  return roleYaml(roleFor(rules, { namespace, user }));
}

function rulesOf({ needs }: Task, serverMinor: number | undefined): readonly AccessRule[] {
  return requiredRules({ ...needs, ...(serverMinor !== undefined && { serverMinor }) });
}

function distinct(rules: readonly AccessRule[]): readonly AccessRule[] {
  return [...new Map(rules.map((rule) => [ruleKey(rule), rule])).values()];
}
