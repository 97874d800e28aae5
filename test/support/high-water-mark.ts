import { readFileSync } from 'node:fs';

/** The most memory that a process has been resident with, in KiB, as the kernel counts it; 0 once it is gone. */
export function highWaterMark(pid: number | undefined): number {
  try {
    return Number(
      /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0,
    );
  } catch {
    return 0;
  }
}
