import type { Level } from '../../network/index.ts';
import { findCommand } from './find-command.ts';
import type { Security } from './runtime.ts';

/**
 * What a container runtime leaves to root in a container; without making device files, which would
 * open the machine's disks where no device cgroup guards them.
 */
const DEFAULT = [
  'chown',
  'dac_override',
  'fowner',
  'fsetid',
  'kill',
  'setgid',
  'setuid',
  'setpcap',
  'net_bind_service',
  'net_raw',
  'sys_chroot',
  'audit_write',
  'setfcap',
];

/**
 * The words of setpriv(1) that give a process exactly the privileges its container may have, to be
 * put before its command; empty where nothing is to be changed or the tool is missing.
 * `diesWithParent`: SIGKILL when the process that waits for it is gone, which a change of the user
 * would make the kernel forget.
 */
export function privilegesOf(
  security: Security,
  { level, diesWithParent }: { readonly level: Level; readonly diesWithParent: boolean },
): string {
  const tool = findCommand('setpriv', { path: process.env['PATH'] ?? '', directory: '/' });
  if (tool === undefined) return '';
  const words = [
    ...(level === 'namespaces' ? userWords(security) : []),
    ...capabilityWords(security),
    ...(security.noNewPrivileges ? ['--no-new-privs'] : []),
    ...(diesWithParent ? ['--pdeathsig=KILL'] : []),
  ];
  return words.length === 0 ? '' : [tool, ...words, '--'].join(' ');
}

function userWords({ uid, gid, groups }: Security): string[] {
  if (uid === undefined && gid === undefined && groups.length === 0) return [];
  return [
    `--reuid=${uid ?? 0}`,
    `--regid=${gid ?? 0}`,
    groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups',
  ];
}

function capabilityWords(security: Security): string[] {
  if (security.privileged) return [];
  const add = security.addCapabilities.map(short);
  const drop = new Set(security.dropCapabilities.map(short));
  if (add.includes('all')) return [...drop].map((name) => `--bounding-set=-${name}`);
  const kept = drop.has('all') ? [] : DEFAULT.filter((name) => !drop.has(name));
  const bounding = ['-all', ...[...new Set([...kept, ...add])].map((name) => `+${name}`)];
  return [`--bounding-set=${bounding.join(',')}`, '--inh-caps=-all'];
}

function short(name: string): string {
  return name.toLowerCase().replace(/^cap_/, '');
}
