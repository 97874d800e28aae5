import { readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { isWithin } from './within.ts';

/** What of this machine is no business of a container. Paths without symbolic links. */
export interface PrivatePlaces {
  /** Directories that containers have empty ones of their own instead of, which they can write. */
  readonly homes: readonly string[];
  /** The home of the user who runs the cluster, if it is one of those or below. */
  readonly ownHome: string | undefined;
  /** The clusters' own directories, below a home or not. */
  readonly ofClusters: readonly string[];
  /** Directories that containers see empty. */
  readonly directories: readonly string[];
  /** Files that containers see empty. */
  readonly files: readonly string[];
}

/** Nobody's home, whatever HOME or the list of users says: a container needs them. */
const SYSTEM = new Set(
  'bin boot dev etc lib lib32 lib64 media mnt opt proc run sbin srv sys tmp usr var'
    .split(' ')
    .map((name) => `/${name}`)
    .concat('/'),
);

/** Keys and kubeconfigs of the machine, which root of a container could read. */
const SECRET_DIRECTORIES = [
  '/etc/kubernetes',
  '/etc/rancher',
  '/etc/ssh',
  '/etc/ssl/private',
  '/var/lib/kubelet',
  '/var/lib/rancher',
  '/var/spool/cron',
];
const SECRET_FILES = [
  '/etc/shadow',
  '/etc/shadow-',
  '/etc/gshadow',
  '/etc/gshadow-',
  '/etc/krb5.keytab',
];

/**
 * The homes of all users, the clusters' own directories (`ofClusters`: kubeconfigs, other Pods'
 * files) and the usual places of keys; only what is there.
 */
export function privatePlaces(ofClusters: readonly string[]): PrivatePlaces {
  const own = existing([homedir()]).filter((path) => !SYSTEM.has(path))[0];
  const homes = outermost(
    existing(['/root', '/home', homedir(), ...homesOfUsers()]).filter((path) => !SYSTEM.has(path)),
  );
  const clusters = existing(ofClusters);
  const directories = outermost([...clusters, ...existing(SECRET_DIRECTORIES)]);
  return {
    homes,
    ownHome: own,
    ofClusters: clusters,
    directories: directories.filter((path) => !homes.some((home) => isWithin(path, home))),
    files: existing(SECRET_FILES),
  };
}

/** Of people: accounts of services have a home where their programs are. */
function homesOfUsers(): string[] {
  const users = readText('/etc/passwd').split('\n');
  return users.flatMap((line) => {
    const [, , uid = '', , , home = ''] = line.split(':');
    return Number(uid) >= 1000 && Number(uid) < 65_534 && home.startsWith('/') ? [home] : [];
  });
}

function existing(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    try {
      return [realpathSync(path)];
    } catch {
      return [];
    }
  });
}

function outermost(paths: readonly string[]): string[] {
  const all = [...new Set(paths)];
  return all.filter((path) => !all.some((other) => other !== path && isWithin(path, other)));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
