import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import type * as NodePty from '@lydell/node-pty';
import { findCommand } from './find-command.ts';
import { exitOf } from './exit-status.ts';
import { killDescendants } from './process-tree.ts';
import type { ExecProcess, ExitStatus } from './runtime.ts';

/** A process with a terminal. */
export interface Terminal extends ExecProcess {
  readonly pid?: number | undefined;
  /** To the command itself, as long as it lives. */
  signal(name: NodeJS.Signals): void;
}

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/**
 * Runs a command with a terminal of its own: through node-pty where its prebuilt binary loads, else
 * through script(1), which cannot be resized.
 */
export async function openTerminal(command: Command): Promise<Terminal> {
  const pty = await import('@lydell/node-pty').catch(() => undefined);
  return pty ? withPty(pty, command) : withScript(command);
}

function withPty(pty: typeof NodePty, command: Command): Terminal {
  const terminal = pty.spawn(command.file, [...command.args], {
    name: command.env['TERM'] ?? 'xterm',
    cols: 80,
    rows: 24,
    cwd: command.cwd ?? '/',
    env: { ...command.env },
    encoding: null,
  });
  const stdout = new Readable({ read: () => terminal.resume() });
  // With `encoding: null` the data are Buffers, whatever the type says.
  terminal.onData((data: string | Buffer) => {
    if (!stdout.push(Buffer.from(data as string))) terminal.pause();
  });
  const { promise: exit, resolve } = Promise.withResolvers<ExitStatus>();
  let ended = false;
  terminal.onExit(({ exitCode, signal }) => {
    ended = true;
    stdout.push(null);
    resolve(signal ? { exitCode: 128 + signal } : { exitCode });
  });
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => feed(terminal as unknown as Master, chunk, done),
    // A terminal has no end of file; upstream closes nothing either, the program reads ^D or waits.
    final: (done) => done(),
  });
  return {
    stdin,
    stdout,
    exit,
    resize: (columns, rows) => {
      if (columns > 0 && rows > 0) terminal.resize(columns, rows);
    },
    kill: () => killDescendants(terminal.pid),
    pid: terminal.pid,
    signal: (name) => {
      if (!ended) terminal.kill(name);
    },
  };
}

/** What node-pty's types leave out. */
interface Master {
  readonly fd: number;
  readonly _socket: { readonly destroyed: boolean };
}

/** A program that does not read its terminal is looked at so often. */
const FULL_MS = 10;

/**
 * Writes to a terminal as it takes it. Not by node-pty's own `write`: libuv writes to the master of a
 * terminal blocking, and one that nobody reads would stop this process for as long.
 */
function feed(master: Master, bytes: Buffer, done: () => void): void {
  // Its descriptor may be another file's by now.
  if (master._socket.destroyed) return done();
  const taken = writeSome(master.fd, bytes);
  if (taken >= bytes.length) return done();
  setTimeout(() => feed(master, bytes.subarray(taken), done), taken > 0 ? 0 : FULL_MS);
}

/** How much the terminal took at once; all of it when nobody is there any more. */
function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : bytes.length;
  }
}

function withScript(command: Command): Terminal {
  const line = [command.file, ...command.args].map(quote).join(' ');
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...command.env, SHELL: '/bin/sh' },
    detached: true,
    ...(command.cwd !== undefined && { cwd: command.cwd }),
  });
  // As with pipes: the process may end with input on its way to it.
  child.stdin.on('error', () => {});
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    exit: exitOf(child),
    resize: () => {},
    kill: () => child.pid !== undefined && killDescendants(child.pid),
    pid: child.pid,
    signal: (name) => void child.kill(name),
  };
}

/**
 * A command that leads a session of its own PID namespace, on a terminal of its own. The session
 * around it has no number in there, which a shell's job control stumbles over: dash exits with 2.
 */
export function ownSession(command: readonly string[]): readonly string[] {
  const script = findCommand('script', { path: process.env['PATH'] ?? '', directory: '/' });
  if (script === undefined) return command;
  return [script, '-qefc', `exec ${command.map(quote).join(' ')}`, '/dev/null'];
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
