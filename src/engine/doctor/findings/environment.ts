import type { Finding } from '../finding.ts';
import type { Environment } from '../world.ts';

const oldestNode = 24;
const oldestMinor = 27;
const newestMinor = 36;
/** Deadlines are minutes; a fifth of one must not matter. */
const tolerableSkewMs = 10_000;

/** What pitstop uses of each API. Without the first group nothing works; the others cost a feature. */
const needs: readonly {
  readonly groupVersion: string;
  readonly names: readonly string[];
  readonly without: string;
  readonly vital: boolean;
}[] = [
  { groupVersion: 'v1', names: ['pods/exec'], without: 'no diagnostic can run', vital: true },
  {
    groupVersion: 'discovery.k8s.io/v1',
    names: ['endpointslices'],
    without: 'nothing can be proven about traffic',
    vital: true,
  },
  {
    groupVersion: 'v1',
    names: ['pods/ephemeralcontainers'],
    without: 'containers without a shell or tools cannot be helped',
    vital: false,
  },
  {
    groupVersion: 'events.k8s.io/v1',
    names: ['events'],
    without: 'sessions cannot be published as Events',
    vital: false,
  },
  {
    groupVersion: 'authorization.k8s.io/v1',
    names: ['selfsubjectaccessreviews'],
    without: 'permissions cannot be checked before a session',
    vital: false,
  },
];

/** The machine, the way to the cluster, and what the cluster can do. */
export function checkEnvironment(environment: Environment): readonly Finding[] {
  return [
    ...machine(environment),
    ...serverVersion(environment),
    ...clock(environment),
    ...apis(environment),
  ];
}

function machine({ nodeVersion, kubectl, plugin }: Environment): readonly Finding[] {
  const found: Finding[] = [];
  if (Number(/^v?(\d+)/.exec(nodeVersion)?.[1]) < oldestNode) {
    found.push({
      name: 'node-version',
      severity: 'error',
      object: 'machine',
      message: `this is Node.js ${nodeVersion}; pitstop needs ${oldestNode} or newer`,
      hint: `install Node.js ${oldestNode}, or run pitstop with npx, which brings it along`,
    });
  }
  if (kubectl === undefined) {
    found.push({
      name: 'kubectl-missing',
      severity: 'note',
      object: 'machine',
      message: 'there is no kubectl on the PATH; pitstop works without, its hints name it',
      hint: 'https://kubernetes.io/docs/tasks/tools/',
    });
  } else if (plugin === undefined) {
    found.push({
      name: 'plugin-missing',
      severity: 'note',
      object: 'machine',
      message: '`kubectl pitstop` does not work here: no program kubectl-pitstop on the PATH',
      hint: 'npm install --global kubectl-pitstop (until then: npx kubectl-pitstop)',
    });
  }
  return found;
}

function serverVersion({ serverVersion: version }: Environment): readonly Finding[] {
  const { major, minor, gitVersion } = version;
  if (major === 1 && minor >= oldestMinor && minor <= newestMinor) return [];
  const isNewer = major > 1 || minor > newestMinor;
  return [
    {
      name: 'server-version',
      severity: isNewer ? 'note' : 'warning',
      object: 'cluster',
      message: `the server is ${gitVersion || 'of an unknown version'}; pitstop is tested with Kubernetes 1.${oldestMinor} to 1.${newestMinor}${isNewer ? ' and knows no reason why this one should not work' : ''}`,
    },
  ];
}

function clock({ clockSkewMs }: Environment): readonly Finding[] {
  if (clockSkewMs === undefined || Math.abs(clockSkewMs) <= tolerableSkewMs) return [];
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  return [
    {
      name: 'clock-skew',
      severity: 'warning',
      object: 'machine',
      message: `this machine's clock is ${seconds} s ${clockSkewMs > 0 ? 'behind' : 'ahead of'} the API server's; deadlines are judged by the server's, but certificates and tokens are not`,
      hint: 'timedatectl status',
    },
  ];
}

function apis({ apis: served }: Environment): readonly Finding[] {
  return needs.flatMap(({ groupVersion, names, without, vital }) =>
    names
      .filter((name) => !served[groupVersion]?.has(name))
      .map((name) => ({
        name: 'api-missing' as const,
        severity: vital ? ('error' as const) : ('warning' as const),
        object: 'cluster',
        message: `the server does not serve ${name} in ${groupVersion}: ${without}`,
        hint: `kubectl api-resources --api-group=${groupVersion.includes('/') ? groupVersion.split('/')[0] : "''"}`,
      })),
  );
}

/** The group versions to ask a server for. */
export const neededApis: readonly string[] = [
  ...new Set(needs.map(({ groupVersion }) => groupVersion)),
];
