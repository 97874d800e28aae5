import type { ExecOptions, ExecSession } from '../../api.ts';
import { exitStatus, failureStatus, statusText, type ExecStatus } from './exec-status.ts';
import type { SpdySession, SpdyStream } from './spdy/session.ts';

type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize';

/** As long as upstream waits for all streams of an exec to be opened. */
const OPEN_TIMEOUT_MS = 30_000;
/** How long the client may take to close what it has read to the end. */
const CLOSE_TIMEOUT_MS = 10_000;

/** Serves exec or attach over SPDY: kubectl before 1.30, and later ones whose WebSocket was refused. */
export async function serveSpdyExec(
  session: SpdySession,
  exec: {
    readonly options: ExecOptions;
    readonly start: () => Promise<ExecSession>;
    /** `v4.channel.k8s.io`, or an older one. */
    readonly protocol: string;
  },
): Promise<void> {
  const streams = await openStreams(session, exec);
  if (!streams) return session.close();
  let status: ExecStatus;
  try {
    status = await relay(await exec.start(), { session, streams, options: exec.options });
  } catch (error) {
    status = failureStatus(error);
  }
  streams.get('error')?.end(statusText(status, exec.protocol));
  for (const type of ['stdout', 'stderr'] as const) streams.get(type)?.end();
  const timeout = setTimeout(() => session.end(), CLOSE_TIMEOUT_MS);
  await session.closed;
  clearTimeout(timeout);
}

async function openStreams(
  session: SpdySession,
  exec: { readonly options: ExecOptions; readonly protocol: string },
): Promise<Map<StreamType, SpdyStream> | undefined> {
  const { stdin, stdout, stderr, tty } = exec.options;
  const wanted: StreamType[] = ['error'];
  if (stdin) wanted.push('stdin');
  if (stdout) wanted.push('stdout');
  if (stderr) wanted.push('stderr');
  if (tty && /^v[34]/.test(exec.protocol)) wanted.push('resize');
  const streams = new Map<StreamType, SpdyStream>();
  const { promise, resolve } = Promise.withResolvers<Map<StreamType, SpdyStream> | undefined>();
  const timeout = setTimeout(() => resolve(undefined), OPEN_TIMEOUT_MS);
  session.onStream((stream) => {
    streams.set(stream.header('streamtype') as StreamType, stream);
    if (wanted.every((type) => streams.has(type))) resolve(streams);
  });
  void session.closed.then(() => resolve(undefined));
  const opened = await promise;
  clearTimeout(timeout);
  return opened;
}

async function relay(
  run: ExecSession,
  to: {
    readonly session: SpdySession;
    readonly streams: ReadonlyMap<StreamType, SpdyStream>;
    readonly options: ExecOptions;
  },
): Promise<ExecStatus> {
  const { session, streams, options } = to;
  const [stdin, stdout, stderr] = [
    streams.get('stdin'),
    streams.get('stdout'),
    streams.get('stderr'),
  ];
  if (run.stdin) stdin?.pipe(run.stdin);
  else stdin?.resume();
  const outputs = Promise.all([copy(run.stdout, stdout), copy(run.stderr, stderr)]);
  streams.get('resize')?.on('data', (data: Buffer) => resize(run, data.toString()));
  const gone = session.closed.then(() => {
    run.abandon();
    return 'gone' as const;
  });
  const end = await Promise.race([run.exit, gone]);
  if (end === 'gone') return { metadata: {}, status: 'Failure' };
  await Promise.race([outputs, gone]);
  const { exitCode } = end;
  return exitStatus(
    exitCode,
    `error executing command [${options.command.join(' ')}], exit code ${exitCode}`,
  );
}

function copy(from: ExecSession['stdout'], to: SpdyStream | undefined): Promise<void> {
  if (!from || !to) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  from.on('error', () => {});
  from.once('close', resolve);
  from.pipe(to);
  return promise;
}

function resize(run: ExecSession, text: string): void {
  for (const line of text.split('\n')) {
    try {
      const { Width, Height } = JSON.parse(line) as { Width: number; Height: number };
      run.resize(Width, Height);
    } catch {
      // An empty line, or half a message: the next one says it again.
    }
  }
}
