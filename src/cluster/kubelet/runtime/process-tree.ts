import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * SIGKILLs everything below `pid` but not `pid` itself: nsenter and unshare stay to reap what they
 * started, else it would become a zombie of this process.
 */
export function killDescendants(pid: number): void {
  for (const child of descendantsOf(pid)) {
    try {
      process.kill(child, 'SIGKILL');
    } catch {
      // Ended meanwhile.
    }
  }
}

/**
 * SIGKILLs all whose `/` is this directory; again, as one may fork meanwhile. Not by the number of
 * their namespace: the kernel gives it to the next container at once.
 */
export function killRootedIn(root: string): void {
  // The kernel names it from the top of its file system, wherever that is mounted.
  const [, inPod = ''] = /^.*(\/[^/]+\/containers\/[^/]+\/[^/]+\/rootfs)$/.exec(root) ?? [];
  if (inPod === '') throw new Error(`${root} is no container's root`);
  for (let round = 0; round < 10; round += 1) {
    const members = readdirSync('/proc').filter(
      (name) => /^\d+$/.test(name) && rootOf(name)?.endsWith(inPod),
    );
    if (members.length === 0) return;
    for (const pid of members) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // Ended meanwhile.
      }
    }
  }
}

/** What is mounted at a process's `/`: proc(5), mountinfo's fourth field. */
function rootOf(pid: string): string | undefined {
  try {
    const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
    return /^\d+ \d+ \S+ (\S+) \/ /m.exec(mounts)?.[1];
  } catch {
    return undefined;
  }
}

function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  if (!existsSync('/proc/self/stat')) return [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = statField(Number(name), 1);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  const visit = (of: number) => {
    for (const child of children.get(of) ?? []) {
      found.push(child);
      visit(child);
    }
  };
  visit(pid);
  return found;
}

/** A number of /proc/PID/stat, counted from the state, which is 0. */
function statField(pid: number, index: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // proc(5): the command, in parentheses, may hold spaces and parentheses itself.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[index]);
  } catch {
    return undefined;
  }
}

/** The processes of a group; none where there is no /proc. */
export function membersOf(group: number): number[] {
  if (!existsSync('/proc/self/stat')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statField(pid, 2) === group);
}

/** Whether a process carries the marker of this cluster's processes. */
export function isOurs(pid: number): boolean {
  const marker = process.env['PITSTOP_CLUSTER'];
  if (marker === undefined) return true;
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return environment.includes(`PITSTOP_CLUSTER=${marker}`);
  } catch {
    return false;
  }
}
