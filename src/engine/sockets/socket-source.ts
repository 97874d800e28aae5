import { KubeError } from '../../kube/index.ts';
import type { Target } from '../container/target.ts';
import { KeptReader, ReaderEnded } from './kept-reader.ts';
import { socketReaders, type SocketReader } from './socket-readers.ts';

/** One way that works to read a Pod's sockets: a container of it, and what that container has. */
export interface SocketSource extends AsyncDisposable {
  readonly container: string;
  readonly reader: SocketReader;
  /** `/proc/net/tcp`, `tcp6` and `route`, one after the other. */
  read(signal: AbortSignal): Promise<string>;
}

/**
 * Tries one container after the other, each with every reader, until one answers: all containers of
 * a Pod share its network. Throws when exec is not possible at all, and what was tried otherwise.
 */
export async function findSource(
  target: Target,
  containers: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly source: SocketSource; readonly text: string }> {
  const tried: string[] = [];
  for (const container of containers) {
    for (const reader of socketReaders) {
      const source = openSource({ ...target, container }, reader);
      try {
        return { source, text: await source.read(signal) };
      } catch (error) {
        await source[Symbol.asyncDispose]();
        signal.throwIfAborted();
        const verdict = verdictOf(error);
        if (verdict === 'give-up') throw error;
        if (reader === socketReaders[0] || verdict === 'next-container') {
          tried.push(`${container}: ${(error as Error).message}`);
        }
        if (verdict === 'next-container') break;
      }
    }
  }
  throw new NoSocketSource(tried);
}

/** No container of the Pod has anything that can read a file; the message lists what was tried. */
export class NoSocketSource extends Error {
  override readonly name = 'NoSocketSource';

  constructor(tried: readonly string[]) {
    super(
      `no container has sh, cat, python3 or node to read /proc/net/tcp with (${tried.join('; ')})`,
    );
  }
}

export function openSource(target: Target, reader: SocketReader): SocketSource {
  const { container } = target;
  if (reader.kept) {
    const kept = new KeptReader(target, reader.command);
    return {
      container,
      reader,
      read: (signal) => kept.read(signal),
      [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
    };
  }
  return {
    container,
    reader,
    read: (signal) => readOnce(target, reader.commands, signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function readOnce(
  { kube, namespace, pod, container }: Target,
  commands: readonly (readonly string[])[],
  signal: AbortSignal,
): Promise<string> {
  let text = '';
  for (const command of commands) {
    const { stdout, stderr, exitCode } = await kube.execText({
      namespace,
      pod,
      container,
      command,
      maxBytes: 64 * 1024 * 1024,
      signal,
    });
    // Without IPv6 there is no tcp6, and cat says so; without an answer at all there is no cat.
    if (text === '' && stdout === '') throw new ReaderEnded(exitCode, stderr.trim());
    text += stdout;
  }
  return text;
}

const hiddenProc = 66;

function verdictOf(error: unknown): 'next-reader' | 'next-container' | 'give-up' {
  if (error instanceof ReaderEnded) {
    return error.exitCode === hiddenProc ? 'next-container' : 'next-reader';
  }
  if (!(error instanceof KubeError)) return 'give-up';
  if (error.code !== 'exec-refused') return 'give-up';
  // runc says "container process" of what it does not find, too.
  if (/executable file not found|no such file or directory/i.test(error.message)) {
    return 'next-reader';
  }
  return /container .*(not found|not valid|not running|not created)|not running/i.test(
    error.message,
  )
    ? 'next-container'
    : 'next-reader';
}
