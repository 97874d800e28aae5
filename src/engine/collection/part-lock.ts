import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { PitstopError } from '../errors.ts';

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When that process began, as its kernel counts: a number is given out again, this one is not. */
  readonly began: string;
}

const renewEveryMs = 15_000;
/** A holder on another machine, whose process nobody here can look for, is gone after this silence. */
const silentAfterMs = 120_000;

/**
 * Keeps a `.part` file to one process: `PATH.lock` names it. What a killed one has left is taken over;
 * one that lives is respected: throws `output-unusable`.
 */
export class PartLock implements AsyncDisposable {
  readonly #path: string;
  readonly #own: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(path: string, own: string) {
    this.#path = path;
    this.#own = own;
    this.#timer = setInterval(() => void this.#renew(), renewEveryMs);
    this.#timer.unref();
  }

  static async take(part: string): Promise<PartLock> {
    const path = `${part}.lock`;
    const own: Holder = { host: hostname(), pid: process.pid, began: beganAt(process.pid) };
    // The word tells two collections of one process apart.
    const text = `${JSON.stringify({ ...own, word: randomBytes(6).toString('hex') })}\n`;
    for (;;) {
      if (await makeWith(path, text)) return new PartLock(path, text);
      const found = await readFile(path, 'utf8').catch(() => undefined);
      if (found === undefined) continue;
      if (await isHeld(path, found)) throw inUse(part, found);
      await takeAway(path, found);
    }
  }

  async #renew(): Promise<void> {
    const now = new Date();
    await utimes(this.#path, now, now).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const found = await readFile(this.#path, 'utf8').catch(() => undefined);
    if (found === this.#own) await rm(this.#path, { force: true });
  }
}

/** False when there is one already. */
async function makeWith(path: string, text: string): Promise<boolean> {
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isHeld(path: string, text: string): Promise<boolean> {
  const holder = read(text);
  if (holder?.host === hostname()) return isAlive(holder);
  // Not ours to look for, or just being written.
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < (holder ? silentAfterMs : 2_000);
}

function read(text: string): Holder | undefined {
  try {
    const { host, pid, began } = JSON.parse(text) as Partial<Holder>;
    if (typeof host !== 'string' || typeof pid !== 'number') return undefined;
    return { host, pid, began: String(began) };
  } catch {
    return undefined;
  }
}

function isAlive({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process is a process.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return beganAt(pid) === began;
}

/** Field 22 of /proc/PID/stat; empty where there is no /proc: then the number alone has to do. */
function beganAt(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Of several who find the same dead lock, each may move something away, but only a dead one stays away. */
async function takeAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readFile(aside, 'utf8');
  // Somebody was faster, and this is his: put it back.
  if (moved !== dead) await rename(aside, path);
  else await rm(aside);
}

function inUse(part: string, text: string): PitstopError {
  const holder = read(text);
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new PitstopError('output-unusable', `${part} is being filled by ${who}`, {
    hint: 'wait for it, or name another file or directory with -O',
  });
}
