import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, fchownSync, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** A pipe of the kernel: `ours` is an end to read or write here, `theirs` a descriptor to give to a child. */
export interface Pipe {
  readonly ours: Socket;
  readonly theirs: number;
}

/** Gives pipes to the user of the process that gets them: it may open /dev/stdout again by name. */
export function own(
  pipes: readonly (Pipe | undefined)[],
  owner: { readonly uid: number; readonly gid: number } | undefined,
): void {
  if (!owner) return;
  for (const pipe of pipes) if (pipe) fchownSync(pipe.theirs, owner.uid, owner.gid);
}

/**
 * Starts a process that is given the pipes' other ends. They are its own from then on, or nobody's
 * when it cannot be started: an argument with a NUL in it is refused by throwing.
 */
export function handOver(
  pipes: readonly (Pipe | undefined)[],
  start: () => ChildProcess,
): ChildProcess {
  try {
    return start();
  } catch (error) {
    letGo(pipes);
    throw error;
  } finally {
    for (const pipe of pipes) if (pipe) closeSync(pipe.theirs);
  }
}

/** Closes our ends: the process did not come to be what it was started for. */
export function letGo(pipes: readonly (Pipe | undefined)[]): void {
  for (const pipe of pipes) pipe?.ours.destroy();
}

/** Descriptors a POSIX shell can name in a redirection, above the standard ones. */
const DESCRIPTORS = [3, 4, 5, 6, 7, 8, 9];

/**
 * Makes real pipes. Node's own `stdio: 'pipe'` is a socket pair, and a process cannot open
 * /dev/stdout or /dev/stdin again when that is a socket: `tar -f /dev/stdout` would fail in the
 * container. Node cannot call pipe(2) and a named pipe blocks whoever opens it without a peer, so
 * a shell makes them (an empty here-document is one) and they are opened through its /proc entry.
 */
export class PipePool implements AsyncDisposable {
  readonly #ready: { readonly maker: ChildProcess; readonly descriptor: number }[] = [];
  readonly #makers = new Set<ChildProcess>();
  #refill: Promise<void> | undefined;

  /** A pipe that a child writes and we read. */
  async forOutput(): Promise<Pipe> {
    const { ours, theirs } = await this.#take(constants.O_RDONLY, constants.O_WRONLY);
    return { ours: quiet(new Socket({ fd: ours, readable: true, writable: false })), theirs };
  }

  /** A pipe that we write and a child reads. */
  async forInput(): Promise<Pipe> {
    const { ours, theirs } = await this.#take(constants.O_WRONLY, constants.O_RDONLY);
    return { ours: quiet(new Socket({ fd: ours, readable: false, writable: true })), theirs };
  }

  async #take(our: number, their: number): Promise<{ ours: number; theirs: number }> {
    for (;;) {
      // The oldest first, so that no more than two shells are ever at hand.
      const next = this.#ready.shift();
      if (this.#ready.length < DESCRIPTORS.length / 2) this.#refill ??= this.#make();
      if (next === undefined) {
        await this.#refill;
        continue;
      }
      const path = `/proc/${next.maker.pid}/fd/${next.descriptor}`;
      const theirs = openSync(path, their);
      const ours = openSync(path, our | constants.O_NONBLOCK);
      next.maker.stdin?.write(`${next.descriptor}\n`);
      if (!this.#ready.some(({ maker }) => maker === next.maker)) next.maker.stdin?.end();
      return { ours, theirs };
    }
  }

  async #make(): Promise<void> {
    try {
      const maker = spawn('/bin/sh', ['-c', MAKE], { stdio: ['pipe', 'pipe', 'ignore'] });
      this.#makers.add(maker);
      maker.once('exit', () => this.#makers.delete(maker));
      maker.stdin.on('error', () => {});
      await once(maker.stdout, 'data');
      const probe = openSync(`/proc/${maker.pid}/fd/${DESCRIPTORS[0]}`, constants.O_RDONLY);
      const isPipe = fstatSync(probe).isFIFO();
      closeSync(probe);
      if (!isPipe) throw new Error('/bin/sh makes files of here-documents, not pipes');
      this.#ready.push(...DESCRIPTORS.map((descriptor) => ({ maker, descriptor })));
    } finally {
      this.#refill = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#refill;
    const makers = [...this.#makers];
    for (const maker of makers) maker.stdin?.end();
    await Promise.all(makers.map((maker) => once(maker, 'exit')));
  }
}

/**
 * For its whole life: a process may end at any time, also with input on its way to it and nobody here
 * who still writes. How it ended is told by its exit status.
 */
function quiet(socket: Socket): Socket {
  return socket.on('error', () => {});
}

/** One empty here-document for each descriptor, then close those that are told to be taken. */
const MAKE = `exec ${DESCRIPTORS.map((n) => `${n}<<E${n}`).join(' ')}
${DESCRIPTORS.map((n) => `E${n}`).join('\n')}
echo ready
while read -r n; do eval "exec $n<&-"; done`;
