import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What a process holds, from outside. */
export interface Holdings {
  readonly descriptors: number;
  /** The command lines of its descendants. */
  readonly children: readonly string[];
  readonly residentBytes: number;
}

export function holdingsOf(pid: number): Holdings {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    children: descendantsOf(pid).map((child) =>
      read(`/proc/${child}/cmdline`).replaceAll('\0', ' ').slice(0, 200),
    ),
    residentBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024,
  };
}

export function descendantsOf(pid: number): number[] {
  const children = list(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Processes whose command line or environment, as far as this user may read it, holds `secret`. */
export function processesThatShow(secret: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) =>
      ['cmdline', 'environ']
        .filter((file) => read(`/proc/${pid}/${file}`).includes(secret))
        .map((file) => `/proc/${pid}/${file}`),
    );
}

/** Addresses of this machine at which one of the processes listens, hex as the kernel has them. */
export function listeningAddresses(pids: readonly number[]): string[] {
  const inodes = new Set(pids.flatMap(socketsOf));
  return ['tcp', 'tcp6'].flatMap((table) =>
    read(`/proc/self/net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.has(inode ?? ''))
      .map(([, local]) => (local ?? '').split(':')[0] ?? ''),
  );
}

function socketsOf(pid: number): string[] {
  return list(`/proc/${pid}/fd`).flatMap((fd) => {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
    return inode === undefined ? [] : [inode];
  });
}

// Processes and descriptors come and go while they are looked at.

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
